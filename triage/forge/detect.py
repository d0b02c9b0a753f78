"""Says which forge a remote belongs to and what can be done there."""

import asyncio
import os
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from triage.config import ForgeConfig
from triage.domain.following import Check, Review
from triage.errors import Refused, UsageError
from triage.forge import compare
from triage.forge.github import GitHub
from triage.forge.github_answers import Pull
from triage.forge.remote import RemoteUrl, read_remote
from triage.forge.tokens import Token, find_token, is_github_cloud

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Forge(Protocol):
    """Where pull requests live. `blocker` says why none can be opened, "" when it can.

    `token` may also serve to push over https where the user's git has no credentials.
    All calls raise TriageError when the forge refuses or cannot be reached.
    """

    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def blocker(self) -> str: ...
    @property
    def token(self) -> Token | None: ...
    async def find_pull(self, branch: str) -> Pull | None: ...
    async def create_pull(self, branch: str, base: str, title: str, body: str) -> Pull: ...
    async def update_pull(self, number: int, title: str, body: str) -> Pull: ...
    async def close_pull(self, number: int) -> Pull: ...
    async def pull(self, number: int) -> Pull: ...
    async def checks(self, commit: str) -> tuple[Check, ...]: ...
    async def reviews(self, number: int) -> tuple[Review, ...]: ...
    def compare_url(self, branch: str, base: str) -> str | None: ...


@dataclass(frozen=True, slots=True)
class NoForge:
    """A remote whose forge we do not speak to: push, then show a link or a text to send."""

    url: RemoteUrl
    token: Token | None = None

    @property
    def kind(self) -> str:
        return "none"

    @property
    def name(self) -> str:
        return self.url.host or "a local remote"

    @property
    def blocker(self) -> str:
        return f"no known forge at {self.name}: push the branch, then open the request there"

    async def find_pull(self, branch: str) -> Pull | None:
        return None

    async def create_pull(self, branch: str, base: str, title: str, body: str) -> Pull:
        raise self._refusal()

    async def update_pull(self, number: int, title: str, body: str) -> Pull:
        raise self._refusal()

    async def close_pull(self, number: int) -> Pull:
        raise self._refusal()

    async def pull(self, number: int) -> Pull:
        raise self._refusal()

    async def checks(self, commit: str) -> tuple[Check, ...]:
        return ()

    async def reviews(self, number: int) -> tuple[Review, ...]:
        return ()

    def compare_url(self, branch: str, base: str) -> str | None:
        return compare.compare_url(self.url, branch, base)

    def _refusal(self) -> Refused:
        return Refused(
            f"triage opens no pull requests on {self.name}",
            "it only knows GitHub's interface",
            'press p to push the branch; for GitHub Enterprise set kind = "github" under [forge] in triage.toml',
        )


async def detect(
    repo: Path, remote: str, config: ForgeConfig, environment: Mapping[str, str] | None = None
) -> GitHub | NoForge:
    """The forge of `remote`: by configuration, else by its host's name. Asks no network.

    Looks for a token (environment, then `gh auth token`). Raises NotFound for an unknown
    remote, UsageError for a configuration that cannot be, Refused when the configured API
    is not the remote's own host: a checkout's triage.toml must not send the user's token
    to a stranger.
    """
    environment = os.environ if environment is None else environment
    if config.kind not in ("", "github", "none"):
        raise UsageError(
            f"unknown forge kind {config.kind!r}", "under [forge] in triage.toml", 'use "github" or "none"'
        )
    url = await read_remote(repo, remote)
    if config.kind == "none" or (not config.kind and not config.api and not _looks_like_github(url.host)):
        return NoForge(url)
    if not url.owner or not url.name or "/" in url.owner:
        if config.kind or config.api:
            raise UsageError(
                f"{remote} is not a GitHub repository",
                f"{url.shown} does not end in OWNER/REPO",
                'set kind = "none" under [forge], or another remote',
            )
        return NoForge(url)
    api = _api_base(url, config)
    host = "github.com" if is_github_cloud(url.host) and not url.host.endswith(".ghe.com") else url.host
    token = await asyncio.to_thread(find_token, host, environment)
    return GitHub(api=api, web=_web(url), owner=url.owner, repo=url.name, token=token)


def _looks_like_github(host: str) -> bool:
    return is_github_cloud(host) or host.startswith("github.") or ".github." in host


def _api_base(url: RemoteUrl, config: ForgeConfig) -> str:
    if not config.api:
        if url.host in ("github.com", "ssh.github.com"):
            return "https://api.github.com"
        if url.host.endswith(".ghe.com"):
            return f"https://api.{url.host}"
        return f"{_web_root(url)}/api/v3"
    try:
        parts = urllib.parse.urlsplit(config.api)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise UsageError("forge.api is not a URL", str(error), "like https://github.example.com/api/v3") from error
    if parts.scheme not in ("https", "http") or not host or parts.username or parts.query or parts.fragment:
        raise UsageError("forge.api is not a URL", config.api[:200], "like https://github.example.com/api/v3")
    if host in _LOOPBACK:
        if url.host not in _LOOPBACK or (url.port is not None and port != url.port):
            raise Refused("forge.api is not the remote's server", f"{config.api} for {url.shown}", "remove forge.api")
    elif parts.scheme != "https":
        raise Refused("forge.api would send your token in the clear", config.api, "use https")
    elif host not in (url.host, f"api.{url.host}"):
        raise Refused(
            "forge.api is not the remote's server",
            f"{config.api} would get the token of {url.host}",
            "remove forge.api from triage.toml, or push to a remote on that host",
        )
    return config.api.rstrip("/")


def _web_root(url: RemoteUrl) -> str:
    web = url.web or ""
    return web[: len(web) - len(urllib.parse.quote(url.path)) - 1]


def _web(url: RemoteUrl) -> str:
    if url.host == "ssh.github.com":
        return f"https://github.com/{urllib.parse.quote(url.path)}"
    return url.web or ""
