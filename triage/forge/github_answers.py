"""What GitHub's answers say: a pull request, an error, a rate limit."""

import datetime
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from triage.domain.outside import one_line
from triage.errors import Unavailable

if TYPE_CHECKING:
    import httpx

MAX_ANSWER = 5_000_000


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request. `state` is "open", "closed" or "merged"; `note` what was not as asked.
    `head` is the commit at its tip; `conflicts` is False while the forge has not worked it out."""

    number: int
    url: str
    state: str
    draft: bool = False
    note: str = ""
    head: str = ""
    base: str = ""
    conflicts: bool = False
    merged_at: datetime.datetime | None = None
    merge_commit: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the interface, read as JSON."""

    status: int
    headers: Mapping[str, str]
    content: object


def to_pull(item: object) -> Pull | None:
    """A pull request out of its JSON; None when it is not one."""
    if not isinstance(item, dict):
        return None
    number, url, state = item.get("number"), item.get("html_url"), item.get("state")
    if not isinstance(number, int) or not isinstance(url, str) or state not in ("open", "closed"):
        return None
    if not url.startswith(("https://", "http://")):
        return None
    merged = item.get("merged") is True or isinstance(item.get("merged_at"), str)
    return Pull(
        number,
        one_line(url, limit=500),
        "merged" if merged else str(state),
        item.get("draft") is True,
        head=_commit(_inside(item, "head", "sha")) or "",
        base=one_line(str(_inside(item, "base", "ref") or ""), limit=250),
        conflicts=item.get("mergeable") is False,
        merged_at=_time(item.get("merged_at")),
        merge_commit=_commit(item.get("merge_commit_sha")) if merged else None,
    )


async def read_answer(response: "httpx.Response") -> object:
    """The JSON of an answer, {} where there is none; stops at MAX_ANSWER bytes."""
    parts, size = [], 0
    async for part in response.aiter_bytes():
        parts.append(part)
        size += len(part)
        if size > MAX_ANSWER:
            raise Unavailable("the forge's answer is too large", f"more than {MAX_ANSWER} bytes", "check forge.api")
    try:
        return json.loads(b"".join(parts) or b"{}")
    except (ValueError, RecursionError):
        return {}


def errors_of(content: object) -> list[dict[str, object]]:
    errors = content.get("errors") if isinstance(content, dict) else None
    return [item for item in errors if isinstance(item, dict)] if isinstance(errors, list) else []


def message_of(content: object) -> str:
    """GitHub's own words: the message, then each error's."""
    if not isinstance(content, dict):
        return ""
    words = [content.get("message")]
    errors = content.get("errors")
    for item in errors if isinstance(errors, list) else []:
        if isinstance(item, dict):
            words.append(item.get("message") or " ".join(str(item.get(key, "")) for key in ("field", "code")))
        else:
            words.append(item)
    return one_line("; ".join(word for word in words if isinstance(word, str) and word.strip()), limit=300)


def rate_limit_wait(answer: Answer) -> float | None:
    """Seconds to wait, by GitHub's rules: retry-after, else the reset when nothing remains,
    else a minute for a secondary limit. None: this is no rate limit."""
    headers = answer.headers
    after = headers.get("retry-after", "")
    if after.isdigit():
        return min(float(after), 86_400.0)
    if headers.get("x-ratelimit-remaining") == "0":
        reset = headers.get("x-ratelimit-reset", "")
        return min(max(float(reset) - time.time(), 1.0), 86_400.0) if reset.isdigit() else 60.0
    if answer.status == 429 or "rate limit" in message_of(answer.content).lower():
        return 60.0
    return None


def _inside(item: Mapping[str, object], outer: str, inner: str) -> object:
    part = item.get(outer)
    return part.get(inner) if isinstance(part, dict) else None


def _commit(value: object) -> str | None:
    """A full commit id, None for anything else."""
    return value if isinstance(value, str) and re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", value) else None


def _time(value: object) -> datetime.datetime | None:
    try:
        when = datetime.datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return when if when is None or when.tzinfo else when.replace(tzinfo=datetime.UTC)
