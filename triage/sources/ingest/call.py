"""A request as the handlers see it."""

from collections.abc import AsyncIterator, Mapping
from urllib.parse import parse_qsl, urlsplit

from starlette.types import Receive, Scope


class Call:
    """One request. `headers` have lower-case names, the first of equal names counts."""

    __slots__ = ("_receive", "client", "headers", "query")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        self.headers: Mapping[str, str] = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])
        }
        query = scope["query_string"]
        self.query: Mapping[str, str] = dict(reversed(parse_qsl(query.decode("latin-1")))) if query else {}
        client = scope.get("client")
        self.client: str | None = client[0] if client else None

    @property
    def host(self) -> str | None:
        """The host's name that was asked for, without its port."""
        try:
            return urlsplit(f"//{self.headers.get('host', '')}").hostname
        except ValueError:
            return None

    async def body(self) -> AsyncIterator[bytes]:
        """The body's parts as they come. Raises ConnectionError when the sender hangs up."""
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ConnectionError
            yield message.get("body", b"")
            if not message.get("more_body", False):
                return
