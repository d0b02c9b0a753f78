"""What ingest answers: a status, JSON and headers; and the answer for each kind of failure."""

import msgspec

from triage.errors import BadInput, TriageError, Unavailable
from triage.sources.encodings import TooLarge, UnknownEncoding
from triage.sources.ingest import access
from triage.sources.ingest.committer import Busy

BODY_SECONDS = 30.0
CORS = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "x-sentry-error, x-sentry-rate-limits, retry-after",
}
_JSON = {**CORS, "content-type": "application/json"}
_RAW = [(name.encode(), value.encode()) for name, value in _JSON.items()]


class Refusal(Exception):
    """An answer other than 200, with the reason in words."""

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = headers or {}


class Reply(msgspec.Struct, frozen=True):
    """An answer; `more` are headers beside those that every answer has."""

    status: int
    body: bytes
    more: dict[str, str] = {}

    @property
    def headers(self) -> dict[str, str]:
        return _JSON | self.more

    @property
    def raw_headers(self) -> list[tuple[bytes, bytes]]:
        """As an ASGI message wants them."""
        own = [(name.encode(), value.encode()) for name, value in self.more.items()]
        return [*_RAW, *own, (b"content-length", str(len(self.body)).encode())]


def json_reply(status: int, content: dict[str, object], headers: dict[str, str] | None = None) -> Reply:
    """`content` as JSON; a refusal's "detail" also goes where SDKs log it from."""
    more = headers or {}
    if status != 200:
        reason = str(content.get("detail", ""))
        more = more | {"x-sentry-error": "".join(c if 32 <= ord(c) < 127 else "?" for c in reason)[:200]}
    return Reply(status, msgspec.json.encode(content), more)


def refusal(error: Exception) -> Reply:
    """The answer for an exception; what nobody foresaw is raised on."""
    match error:
        case Refusal():
            return json_reply(error.status, {"detail": str(error)}, error.headers)
        case access.Denied():
            return json_reply(error.status, {"detail": str(error)})
        case TooLarge():
            return json_reply(413, {"detail": str(error)})
        case UnknownEncoding():
            return json_reply(415, {"detail": str(error)})
        case Busy():
            return json_reply(429, {"detail": str(error)}, {"retry-after": "1"})
        case BadInput():
            return json_reply(400, {"detail": str(error)})
        case Unavailable():
            return json_reply(503, {"detail": str(error)}, {"retry-after": "10"})
        case TimeoutError():
            return json_reply(408, {"detail": f"the body did not arrive within {BODY_SECONDS:.0f} s"})
        case ConnectionError():
            return json_reply(400, {"detail": "the sender hung up"})
        case TriageError():
            return json_reply(500, {"detail": str(error)})
    raise error
