"""Writes what is published about a draft: branch name, pull request, commit message.

Everything but our own words comes from strangers (event, release names, test output): it is
redacted, made printable and quoted so that it can neither notify, link, close nor pose as ours.
"""

import hashlib
import json
import re
import shlex
import unicodedata
from collections.abc import Mapping

from triage.domain.case import Case
from triage.domain.draft import Draft, Strategy
from triage.domain.event import Event, Raised
from triage.domain.issue import Issue
from triage.domain.outside import one_line
from triage.domain.verdict import Evidence, RunResult, Verdict
from triage.forge import markdown
from triage.redact import find_secrets, redact

MAX_SLUG = 40
MAX_BODY = 60_000  # GitHub takes 65,536
MAX_FRAMES = 12
WORTH_NAMING = 0.3  # below it a suspect commit would only blame the wrong person
_TIME = "%Y-%m-%d %H:%M UTC"
_LINK = re.compile(r"https?://[A-Za-z0-9.:-]{1,200}(?:/[\w./%?=&+~,:@-]{0,500})?")


def _bare(text: str, limit: int = 200) -> str:
    return markdown.bare(redact(text), limit)


def _cell(text: str, limit: int = 300) -> str:
    return markdown.cell(redact(text), limit)


def _code_span(text: str, limit: int = 300) -> str:
    return markdown.code_span(redact(text), limit)


def _code_block(text: str, language: str = "", limit: int = 8_000) -> str:
    return markdown.code_block(redact(text), language, limit)


def _identifier(text: str, limit: int = 120) -> str:
    return markdown.identifier(redact(text), limit)


def branch_name(issue: Issue, title: str = "") -> str:
    """`triage/<short-id>-<slug>`: lower-case ASCII words of the title, at most 40 characters.

    The same issue and title give the same name, so that a second press finds the first's.
    """
    short = re.sub(r"[^a-z0-9]+", "-", issue.short_id.lower()).strip("-") or str(issue.id)
    return f"triage/{short}-{_slug(title or issue.title)}"


def _slug(title: str) -> str:
    for secret in reversed(find_secrets(title)):
        title = f"{title[: secret.start]} {title[secret.end :]}"
    plain = unicodedata.normalize("NFKD", one_line(title, limit=300)).encode("ascii", "ignore").decode()
    slug = ""
    for word in re.findall(r"[a-z0-9]+", plain.lower()):
        if len(slug) + len(word) + 1 > MAX_SLUG:
            break
        slug = f"{slug}-{word}" if slug else word
    return slug or "regression"


def pull_title(case: Case) -> str:
    """`Regression test: KeyError in shop.orders.price_of (T-12)`, at most 120 characters."""
    raised = case.event.crash
    kind = _identifier(raised.type, 60) if raised else "error"
    return f"Regression test: {kind} in {_where(case)} ({_identifier(case.issue.short_id, 20)})"


def commit_message(
    case: Case,
    draft: Draft,
    evidence: Evidence,
    *,
    link: str | None = None,
) -> str:
    """Subject, a paragraph, and the provenance as trailers.

    Trailer values are one line each and come last, with nothing of the event's text between.
    """
    raised = case.event.crash
    subject = f"Add regression test for {_identifier(raised.type, 40) if raised else 'error'} in {_where(case, 60)}"
    said = f": {_bare(raised.value, 300)}" if raised and raised.value.strip() else ""
    kind = _identifier(raised.qualified, 100) if raised else "an error"
    body = [
        f"Production raised {kind}{said}",
        f"in {_where(case)}, {_times(case.issue.count)} so far.",
        f"The test calls {_identifier(draft.entry, 100)}." if draft.entry else "",
        _verdict_sentence(evidence),
    ]
    trailers = [
        ("Triage-Issue", case.issue.short_id),
        ("Triage-Event", case.event.id),
        ("Triage-Release", case.event.release or case.issue.last_release),
        ("Triage-Link", link),
        ("Triage-Draft", f"{draft.strategy} revision {draft.id}"),
        ("Triage-Verdict-Before", _verdict_at(evidence.before)),
        ("Triage-Verdict-After", _verdict_at(evidence.after)),
        ("Triage-Stable-Runs", str(evidence.stable_runs) if evidence.stable_runs and not evidence.unstable else None),
        ("Triage-Isolation", evidence.before.isolation if evidence.before else None),
        ("Triage-Fidelity", case.fidelity),
        ("Triage-Inputs-SHA256", inputs_sha256(case.event)),
        ("Triage-Model", draft.model),
        ("Triage-Prompt-SHA256", draft.prompt_hash),
    ]
    lines = [f"{name}: {_trailer_value(value)}" for name, value in trailers if value]
    paragraph = "\n".join(line for line in body if line)
    return f"{subject[:100]}\n\n{paragraph}\n\n" + "\n".join(lines) + "\n"


def pull_body(
    case: Case,
    draft: Draft,
    evidence: Evidence,
    *,
    base: str = "",
    link: str | None = None,
    rerun: str = "",
) -> str:
    """The description of the pull request, in Markdown, from the evidence.

    `link` is the tracker's page of the issue; `rerun` a shell command that runs the test
    where `python -m pytest` is not right.
    """
    sections = [
        _what_failed(case),
        _proof(evidence, base),
        _the_test(draft, evidence, rerun),
        _provenance(case, draft, link),
    ]
    body = "\n\n".join(sections)
    if len(body) > MAX_BODY:
        body = body[:MAX_BODY].rsplit("\n", 1)[0] + "\n```\n\n*(cut: too long for a description)*"
    return body + "\n"


def inputs_sha256(event: Event) -> str:
    """The hash of the captured inputs: the crash's frames with their values, and the request.

    Canonical JSON (sorted keys, no blanks, UTF-8). Says whether two drafts were made from
    the same inputs without telling the inputs.
    """
    stacks = [
        [item.qualified, [[frame.path, frame.function, frame.lineno, frame.variables] for frame in item.frames]]
        for item in event.exceptions
    ]
    asked = event.request
    request = asked and [asked.method, asked.url, asked.query, asked.headers, asked.cookies, asked.body]
    content = json.dumps([stacks, request, event.capture], sort_keys=True, separators=(",", ":"), default=_as_json)
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


def _as_json(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else str(value)


def _where(case: Case, limit: int = 80) -> str:
    crash = case.code_path.crash
    if crash is not None and crash.qualname:
        return _identifier(crash.qualname, limit)
    raised = case.event.crash
    frames = raised.frames if raised else ()
    inside = [frame for frame in frames if frame.in_app] or list(frames)
    place = inside[-1].function if inside else case.event.transaction or "the service"
    return _identifier(place, limit)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def _verdict_at(run: RunResult | None) -> str | None:
    return f"{run.verdict} @ {run.commit[:12]}" if run else None


def _trailer_value(value: str) -> str:
    if _LINK.fullmatch(value):
        return value
    return markdown.bare(_keep_hashes(value), 200)


def _keep_hashes(value: str) -> str:
    """Redacted, but for commit hashes and `name@1.2.3` releases, which only look like secrets."""
    known = re.fullmatch(r"(?:[\w.-]{1,60}@)?(?:[0-9a-f]{7,64}|v?\d[\w.+-]{0,40})", value)
    return value if known else redact(value)


def _verdict_sentence(evidence: Evidence) -> str:
    if evidence.reproduces and evidence.fixed:
        return "It fails there as production failed, and passes with the fix."
    if evidence.reproduces:
        return "It fails as production failed until the bug is fixed."
    return "It has not been shown to fail as production failed."


# -- sections of the body -----------------------------------------------------------------


def _what_failed(case: Case) -> str:
    issue, raised = case.issue, case.event.crash
    said = redact(raised.value) if raised else redact(case.event.message)
    kind = raised.qualified if raised else "message"
    lines = ["## What failed", "", _code_block(f"{kind}: {said}" if said else kind, "text", 2_000), ""]
    crash = case.code_path.crash
    place = ""
    if crash is not None and crash.path:
        line = crash.head_line or crash.release_line or crash.frame.lineno
        place = f"{crash.path}:{line}" if line else crash.path
    latest = issue.last_release
    rows = [
        ("Where", f"{_cell(place)} in {_cell(_where(case))}" if place else _cell(_where(case))),
        ("How often", _how_often(issue)),
        ("Since release", markdown.cell(_keep_hashes(issue.first_release)) if issue.first_release else ""),
        ("Last release", markdown.cell(_keep_hashes(latest)) if latest and latest != issue.first_release else ""),
        ("Service", _cell(issue.service) if issue.service else ""),
        ("Request", _cell(asked) if (asked := _request(case.event)) else ""),
        ("Captured inputs", f"{case.fidelity}{_missing(case)}"),
    ]
    lines += [f"- **{name}**: {value}" for name, value in rows if value]
    if stack := _stack(case, raised):
        lines += ["", "The code path, outermost call first:", "", _code_block(stack, "text")]
    suspect = case.code_path.suspect
    if suspect is not None and suspect.confidence >= WORTH_NAMING:
        lines += ["", f"Suspect commit {_code_span(suspect.commit[:12])} {_code_span(suspect.summary, 120)} "
                  f"({suspect.confidence:.0%} sure: {_code_span(suspect.reason, 160)})."]  # fmt: skip
    return "\n".join(lines)


def _how_often(issue: Issue) -> str:
    users = f", {issue.users:,} users" if issue.users > 1 else ", 1 user" if issue.users == 1 else ""
    seen = f"first {issue.first_seen.strftime(_TIME)}, last {issue.last_seen.strftime(_TIME)}"
    again = ", came back after it was resolved" if issue.regressed else ""
    return f"{_times(issue.count)}{users}; {seen}{again}"


def _missing(case: Case) -> str:
    if not case.missing:
        return ""
    shown = ", ".join(_cell(name, 60) for name in case.missing[:8])
    more = f" and {len(case.missing) - 8} more" if len(case.missing) > 8 else ""
    return f"; missing: {shown}{more}"


def _stack(case: Case, raised: Raised | None) -> str:
    """The frames of the crash that lie in the checkout, else the innermost ones."""
    located = [item for item in case.code_path.frames if item.in_checkout][-MAX_FRAMES:]
    lines = []
    for item in located:
        line = item.head_line or item.release_line or item.frame.lineno
        lines.append(f"{item.path}:{line or '?'} in {item.qualname or item.frame.function}")
        if item.frame.context_line:
            lines.append(f"    {redact(item.frame.context_line.strip())}")
    if not located and raised is not None:
        lines = [f"{frame.path}:{frame.lineno or '?'} in {frame.function}" for frame in raised.frames[-MAX_FRAMES:]]
    return "\n".join(
        one_line(line, limit=200) if not line.startswith("    ") else f"    {one_line(line, limit=200)}"
        for line in lines
    )


def _proof(evidence: Evidence, base: str) -> str:
    lines = ["## What the test proves", ""]
    runs = [
        (word, run) for word, run in (("before the fix", evidence.before), ("after the fix", evidence.after)) if run
    ]
    if runs:
        lines += ["| run | verdict | commit | isolation | seconds | why |", "| --- | --- | --- | --- | --- | --- |"]
        for word, run in runs:
            ref = f" ({_cell(run.ref, 60)})" if run.ref and not run.commit.startswith(run.ref) else ""
            lines.append(
                f"| {word} | **{run.verdict}** | `{_identifier(run.commit[:12])}`{ref} | {run.isolation} "
                f"| {run.seconds:.1f} | {_cell(run.why, 200)} |"
            )
        lines.append("")
    if evidence.reproduces and evidence.fixed:
        lines.append("It fails the way production failed, and passes once the fix is in.")
    elif evidence.reproduces:
        where = f" on {_code_span(base, 80)}" if base else ""
        lines.append(f"It fails the way production failed. **It stays red{where} until the bug is fixed.**")
    else:
        lines.append("**It has not been shown to fail the way production failed.** Read it before you trust it.")
    if evidence.stable_runs:
        outcome = "gave different verdicts" if evidence.unstable else "gave the same verdict each time"
        lines.append(f"Repeated {evidence.stable_runs} times, it {outcome}.")
    if (
        evidence.before is not None
        and evidence.before.verdict is Verdict.REPRODUCED
        and evidence.before.message_same is False
    ):
        lines.append("The message differs from production's; type, frame and caller are the same.")
    return "\n".join(lines)


def _the_test(draft: Draft, evidence: Evidence, rerun: str) -> str:
    calls = f", which calls {_code_span(draft.entry, 160)}" if draft.entry else ""
    who = {Strategy.REPLAY: "by replaying the captured values", Strategy.HUMAN: "and edited by hand"}
    how = who.get(draft.strategy, f"by {_code_span(draft.model or 'a model', 80)}")
    command = rerun or f"python -m pytest {shlex.quote(one_line(draft.node_id))}"
    return "\n".join(
        ["## The test", "", f"{_code_span(draft.node_id, 300)}{calls}. Drafted {how}.", "", _code_block(command, "sh")]
    )


def _provenance(case: Case, draft: Draft, link: str | None) -> str:
    parts = [
        f"Issue {_code_span(case.issue.short_id, 30)}",
        f"event {markdown.code_span(_keep_hashes(case.event.id), 80)}",
        f"draft {draft.id}",
    ]
    if link and _LINK.fullmatch(link):
        parts[0] = f"Issue [{_code_span(case.issue.short_id, 30)}](<{link}>)"
    return (
        f"---\n{', '.join(parts)}. Written by triage from a production error; secrets in it are replaced. "
        "Its provenance is in the commit's trailers."
    )


def _request(event: Event) -> str:
    """The request as one redacted line ("GET /orders?x=1"), "" when there was none."""
    if event.request is None:
        return ""
    query = "&".join(f"{name}={value}" for name, value in event.request.query)
    asked = f"{event.request.url}?{query}" if query else event.request.url
    return one_line(f"{event.request.method} {redact(asked)}", limit=300)
