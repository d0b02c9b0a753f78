"""The request of an event: its tab, and the command that sends it once more."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Mapping

from triage.domain.event import Json, Request
from triage.tui.issue_facts import MOST, Facts, heading, table, told
from triage.tui.text import Clean, clean
from triage.tui.widgets.line_view import BLANK, Line, line

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}")
_PLAIN = re.compile(r"[A-Za-z0-9@%+=:,./_-]+")
_ODD = re.compile(r"[^\x20-\x7e\xa1-\xac\xae-\u02ff\u0370-\u1fff\u3040-\ud7ff]")
_LEFT_TO_CURL = frozenset({"content-length", "host", "connection", "transfer-encoding", "accept-encoding"})


def request(facts: Facts, cells: int, rows: int) -> list[Line]:
    """The HTTP request that was being served."""
    sent = facts.event.request
    if sent is None:
        transaction = facts.event.transaction
        more = f" (transaction {transaction})" if transaction else ""
        return [told(f"no HTTP request was being served{more}")]
    lines = [line((clean(f" {sent.method} ", 20), "accent"), (clean(sent.url, 600), "strong"))]
    for title, pairs in (("query", sent.query), ("headers", sent.headers), ("cookies", sent.cookies)):
        if pairs:
            lines += [BLANK, heading(title)]
            lines += table([(name, value) for name, value in pairs[:MOST]], cells)
    lines += [BLANK, line((clean(f" body ({sent.body_state})", 60), "head"))]
    if sent.body is not None:
        lines += _json(sent.body)
    return [
        *lines,
        BLANK,
        line(
            (Clean(" y "), "key"),
            (Clean("copies it as curl, secrets replaced "), "dim"),
            (Clean(" ctrl+y "), "key"),
            (Clean("with its secrets"), "dim"),
        ),
    ]


def _json(value: Json) -> list[Line]:
    if isinstance(value, str):
        text = value[:4_000]
    else:
        text = json.dumps(value, indent=2, ensure_ascii=False, default=str)[:8_000]
    return [line((clean(f" {part}", 1_000), "string")) for part in text.splitlines()[:MOST]]


def redacted(sent: Request, replace: Callable[[str, Json], Json]) -> Request:
    """The request with each value that `replace` (of `triage.redact`) finds secret replaced."""

    def pairs(items: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        return tuple((name, str(replace(name, value))) for name, value in items)

    return dataclasses.replace(
        sent,
        url=str(replace("url", sent.url)),
        query=pairs(sent.query),
        headers=pairs(sent.headers),
        cookies=tuple((name, str(replace(f"{name}_cookie_token", value))) for name, value in sent.cookies),
        body=replace("body", sent.body),
    )


def curl(sent: Request) -> str:
    """The request as a curl command, one part a line.

    A stranger wrote every part: nothing in it is an option, a file to read, a pattern of many
    URLs or a control character for the shell that it is pasted into.
    """
    lines = [f"curl --globoff -X {quoted(sent.method)} --url {quoted(_full_url(sent))}"]
    for name, value in sent.headers:
        if name.lower() not in _LEFT_TO_CURL and _HEADER_NAME.fullmatch(name):
            lines.append(f"-H {quoted(f'{name}: {value}')}")
    if sent.cookies:
        lines.append(f"-b {quoted('; '.join(f'{name}={value}' for name, value in sent.cookies))}")
    if sent.body is not None:
        lines.append(f"--data-raw {quoted(_body(sent))}")
    return " \\\n  ".join(lines) + "\n"


def quoted(text: str) -> str:
    """One word for a shell. What a terminal would act on is spelled as an escape ($'...' of
    bash, zsh and ksh)."""
    if _PLAIN.fullmatch(text) and not text.startswith("-"):
        return text
    if not _ODD.search(text):
        return "'" + text.replace("'", "'\"'\"'") + "'"
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return "$'" + _ODD.sub(_escape, escaped) + "'"


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x80:
        return {10: "\\n", 9: "\\t", 13: "\\r"}.get(code, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _body(sent: Request) -> str:
    body = sent.body
    if isinstance(body, str):
        return body
    kind = next((value for name, value in sent.headers if name.lower() == "content-type"), "")
    if isinstance(body, Mapping) and "x-www-form-urlencoded" in kind.lower():
        from urllib.parse import urlencode

        pairs = [
            (name, item) for name, value in body.items() for item in (value if isinstance(value, list) else [value])
        ]
        return urlencode([(name, "" if value is None else str(value)) for name, value in pairs])
    return json.dumps(body, ensure_ascii=False, default=str)


def _full_url(sent: Request) -> str:
    if not sent.query or "?" in sent.url:
        return sent.url
    from urllib.parse import urlencode

    return f"{sent.url}?{urlencode(sent.query)}"
