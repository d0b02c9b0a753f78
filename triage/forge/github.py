"""Pull requests on GitHub: github.com and Enterprise, through its REST interface."""

import dataclasses
import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import quote

from triage.domain.following import Check, Review
from triage.domain.outside import one_line
from triage.errors import NotFound, Refused, TriageError, Unavailable
from triage.forge.checks import read_check_runs, read_reviews, read_statuses
from triage.forge.github_answers import Answer, Pull, errors_of, message_of, rate_limit_wait, read_answer, to_pull
from triage.forge.tokens import Token

if TYPE_CHECKING:
    pass

API_VERSION = "2022-11-28"
TIMEOUT = 20.0
ATTEMPTS = 3
PATIENCE = 15.0  # seconds that a retry may wait; beyond it the user decides
MAX_TITLE = 256
MAX_BODY = 65_536


@dataclass(frozen=True, slots=True)
class GitHub:
    """One repository on GitHub. `api` is the interface's base ("https://api.github.com",
    "https://HOST/api/v3"), `web` the repository's page."""

    api: str
    web: str
    owner: str
    repo: str
    token: Token | None

    @property
    def kind(self) -> str:
        return "github"

    @property
    def name(self) -> str:
        return self.web.split("://", 1)[-1].split("/", 1)[0]

    @property
    def blocker(self) -> str:
        if self.token is None:
            return f"no token for {self.name}: set GH_TOKEN or run gh auth login"
        return ""

    def compare_url(self, branch: str, base: str) -> str | None:
        return f"{self.web}/compare/{quote(base, safe='/')}...{quote(branch, safe='/')}?expand=1"

    async def find_pull(self, branch: str) -> Pull | None:
        """The open pull request of `branch`, None when there is none."""
        query = {"state": "open", "head": f"{self.owner}:{branch}", "per_page": "5"}
        answer = await self._send("GET", "/pulls", query=query)
        if not isinstance(answer.content, list):
            self._unreadable(answer)
        for item in answer.content:
            pull = self._pull(item, answer)
            head = item.get("head") if isinstance(item, dict) else None
            # A server that ignores the filter must not make us adopt somebody else's request.
            if isinstance(head, dict) and head.get("ref") == branch:
                return pull
        return None

    async def create_pull(self, branch: str, base: str, title: str, body: str) -> Pull:
        """Open a draft pull request, or find the open one that `branch` already has.

        Where drafts are not offered it is opened as an ordinary one and its `note` says so.
        """
        if found := await self.find_pull(branch):
            return found
        fields: dict[str, object] = {
            "head": branch,
            "base": base,
            "title": title[:MAX_TITLE],
            "body": body[:MAX_BODY],
            "draft": True,
            "maintainer_can_modify": True,
        }
        note = ""
        try:
            answer = await self._create(branch, fields)
        except _DraftsUnsupported:
            note = "this repository offers no draft pull requests: it was opened as an ordinary one"
            answer = await self._create(branch, {**fields, "draft": False})
        if isinstance(answer, Pull):
            return answer
        return dataclasses.replace(self._pull(answer.content, answer), note=note)

    async def update_pull(self, number: int, title: str, body: str) -> Pull:
        """Give the pull request another title and body (a new revision was pushed)."""
        fields = {"title": title[:MAX_TITLE], "body": body[:MAX_BODY]}
        answer = await self._send("PATCH", f"/pulls/{number}", fields=fields)
        return self._pull(answer.content, answer)

    async def close_pull(self, number: int) -> Pull:
        """Close it; one that is closed or merged already comes back as it is."""
        now = await self.pull(number)
        if now.state != "open":
            return now
        answer = await self._send("PATCH", f"/pulls/{number}", fields={"state": "closed"})
        return self._pull(answer.content, answer)

    async def pull(self, number: int) -> Pull:
        """The pull request as it is now. Raises NotFound."""
        answer = await self._send("GET", f"/pulls/{number}")
        return self._pull(answer.content, answer)

    async def checks(self, commit: str) -> tuple[Check, ...]:
        """The commit's check runs and statuses, the latest of each name. Raises Refused when
        the token may not see them."""
        runs = await self._send("GET", f"/commits/{commit}/check-runs", query={"per_page": "100"})
        statuses = await self._send("GET", f"/commits/{commit}/status", query={"per_page": "100"})
        return (*read_check_runs(runs.content), *read_statuses(statuses.content))

    async def reviews(self, number: int) -> tuple[Review, ...]:
        """Each reviewer's last word."""
        answer = await self._send("GET", f"/pulls/{number}/reviews", query={"per_page": "100"})
        return read_reviews(answer.content)

    async def default_branch(self) -> str:
        """The branch that pull requests go to. Raises NotFound for a repo the token cannot see."""
        answer = await self._send("GET", "")
        branch = answer.content.get("default_branch") if isinstance(answer.content, dict) else None
        if not isinstance(branch, str) or not branch:
            self._unreadable(answer)
        return branch

    async def _create(self, branch: str, fields: Mapping[str, object]) -> Answer | Pull:
        """One attempt to create. After a silence, look whether it went through: a second
        POST could open a second request."""
        try:
            return await self._send("POST", "/pulls", fields=fields)
        except _AlreadyExists as error:
            if found := await self.find_pull(branch):
                return found
            raise error.shown from None
        except _Unanswered:
            try:
                found = await self.find_pull(branch)
            except TriageError:
                found = None
            if found is not None:
                return found
            raise

    async def _send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        fields: Mapping[str, object] | None = None,
    ) -> Answer:
        """Send one request; what can be repeated safely is, up to ATTEMPTS times."""
        import stamina

        stamina.instrumentation.set_on_retry_hooks([])  # what it logs would land on the terminal
        again = method in ("GET", "PATCH")
        async for attempt in stamina.retry_context(
            on=_may_retry, attempts=ATTEMPTS if again else 1, timeout=60.0, wait_initial=0.2, wait_max=3.0
        ):
            with attempt:
                return await self._send_once(method, path, query, fields)
        raise AssertionError("retry_context ends by returning or raising")

    async def _send_once(
        self, method: str, path: str, query: Mapping[str, str] | None, fields: Mapping[str, object] | None
    ) -> Answer:
        import httpx

        if self.token is None:
            raise Unavailable(
                f"no token for {self.name}", "a pull request needs one", "set GH_TOKEN or run gh auth login"
            )
        url = f"{self.api}/repos/{quote(self.owner, safe='')}/{quote(self.repo, safe='')}{path}"
        headers = {
            "Authorization": f"Bearer {self.token.value}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": API_VERSION,
            "User-Agent": "triage",
        }
        trust_environment = not self.api.startswith("http://")  # no proxy between us and loopback
        try:
            async with (
                httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False, trust_env=trust_environment) as client,
                client.stream(method, url, headers=headers, params=query, json=fields) as response,
            ):
                content = await read_answer(response)
        except httpx.TimeoutException as error:
            raise _Unanswered(
                f"{self.name} did not answer in time", f"{method} {path or '/'}", "press again: what exists is found"
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            said = self.token.hide(one_line(str(error), limit=200)) or type(error).__name__
            kind = Unavailable if isinstance(error, httpx.ConnectError) else _Unanswered
            raise kind(
                f"cannot reach {self.name}", said, "check the network, then press again: what exists is found"
            ) from error
        answer = Answer(response.status_code, dict(response.headers), content)
        if not 200 <= answer.status < 300:
            self._refuse(answer, method)
        return answer

    def _refuse(self, answer: Answer, method: str) -> NoReturn:
        """Raise what the answer's status means for the user."""
        assert self.token is not None
        said = self.token.hide(message_of(answer.content))
        where = f"{self.owner}/{self.repo}"
        status = answer.status
        if status == 401:
            raise Unavailable(
                f"{self.name} does not accept the token from {self.token.source}",
                said,
                "it is wrong or has expired: set GH_TOKEN or run gh auth login",
            )
        if status in (403, 429) and (wait := rate_limit_wait(answer)) is not None:
            raise _RateLimited(self.name, said, wait)
        if status == 403:
            needed = one_line(answer.headers.get("x-accepted-github-permissions", ""), limit=100)
            sso = one_line(answer.headers.get("x-github-sso", ""), limit=200)
            hint = "give the token Pull requests: write and Contents: write"
            if sso:
                hint = f"authorize the token for the organization's single sign-on: {sso.partition('url=')[2] or sso}"
            elif needed:
                hint = f"the token needs: {needed}"
            raise Refused(f"the token from {self.token.source} may not do this on {where}", said, hint)
        if status == 404:
            what = f"{where} or the pull request" if method != "POST" else where
            raise NotFound(
                f"{self.name} shows no {what}", said, "check the remote, and that the token may see the repository"
            )
        if status in (301, 302, 307, 308):
            raise Unavailable(f"{where} has moved", said, "git remote set-url to the new address")
        if status == 422:
            self._invalid(answer, said)
        if status >= 500:
            raise _Unanswered(f"{self.name} has a problem of its own ({status})", said, "press again in a minute")
        raise Unavailable(f"{self.name} answered {status}", said, "see triage's log, then press again")

    def _invalid(self, answer: Answer, said: str) -> NoReturn:
        lowered = said.lower()
        if "already exists" in lowered:
            raise _AlreadyExists(said)
        if "draft" in lowered:
            raise _DraftsUnsupported("drafts are not supported here", said)
        if "no commits between" in lowered:
            raise Refused("there is nothing to request", said, "the branch holds nothing that the base has not")
        for item in errors_of(answer.content):
            if item.get("code") == "invalid" and item.get("field") in ("base", "head"):
                raise Refused(
                    f"{self.name} does not know the {item['field']} branch",
                    said,
                    "set base under [forge] in triage.toml",
                )
        raise Refused(f"{self.name} did not accept the pull request", said, "press P again after mending what it names")

    def _pull(self, item: object, answer: Answer) -> Pull:
        pull = to_pull(item)
        if pull is None:
            self._unreadable(answer)
        return pull

    def _unreadable(self, answer: Answer) -> NoReturn:
        raise Unavailable(
            f"{self.name} answered something that is not GitHub's interface",
            f"status {answer.status}, {one_line(answer.headers.get('content-type', 'no type'), limit=80)}",
            "check forge.api under [forge] in triage.toml",
        )


class _Unanswered(Unavailable):
    """The request may or may not have been carried out; asking again is safe for some."""


class _RateLimited(Unavailable):
    """`wait` is the number of seconds that the forge asks for."""

    def __init__(self, name: str, said: str, wait: float) -> None:
        at = datetime.datetime.now() + datetime.timedelta(seconds=wait)
        super().__init__(f"{name} limits how often you may ask", said, f"press again after {at:%H:%M:%S}")
        self.wait = wait


class _DraftsUnsupported(Refused):
    """The plan of the repository's owner has no draft pull requests."""


class _AlreadyExists(Exception):
    """GitHub says that the branch has a pull request."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.shown = Refused("a pull request exists, but is not shown to us", said, "look for it on the forge's page")


def _may_retry(error: Exception) -> bool | float:
    if isinstance(error, _RateLimited):
        return error.wait if error.wait <= PATIENCE else False
    if isinstance(error, _Unanswered):
        return True
    return isinstance(error, Unavailable) and error.title.startswith("cannot reach")
