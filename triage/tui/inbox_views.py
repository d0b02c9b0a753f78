"""What the inbox says when there is nothing to list."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from triage.config import REPO_FILE
from triage.errors import TriageError
from triage.tui.text import Clean, clean, wrap
from triage.tui.widgets.line_view import BLANK, Line, line
from triage.tui.wording import plural

if TYPE_CHECKING:
    from triage.tui.app import TriageApp


def empty_lines(trouble: TriageError | None, view: str, filtered: str, app: TriageApp) -> list[Line]:
    """What to do next, where there is nothing to list."""
    if trouble is not None:
        return [
            BLANK,
            *_wrapped(trouble.title, "bad", app.size.width),
            *_wrapped(trouble.detail, "text", app.size.width),
            BLANK,
            *_wrapped(trouble.hint, "name", app.size.width),
        ]
    if filtered:
        return _said(f"Nothing matches {filtered}", [("esc", "clears the filter"), ("]", "looks in the next view")])
    match view:
        case "mine":
            who = f" ({app.me})" if app.me else ""
            return _said(
                f"Nothing is assigned to you{who}.",
                [("[", "back to all unresolved issues"), ("a", "assigns the issue under the cursor to you")],
            )
        case "snoozed":
            return _said("Nothing is snoozed.", [("s", "puts an issue aside for a day"), ("[ ]", "other views")])
        case "resolved":
            return _said("Nothing is resolved yet.", [("x", "resolves an issue"), ("[ ]", "other views")])
        case "unresolved" | "all":
            return _all_clear(app) or _nothing_yet(app)
        case "regressed":
            return _said("Nothing has come back after it was resolved.", [("[", "back to all unresolved issues")])
        case "uncovered":
            return _said(
                "No issue is known to run uncovered code.",
                [("[ ]", "other views; an issue that is looked at learns which tests run its code"),
                 ("", "triage index records that for the whole suite")],
            )  # fmt: skip
    return _said(f"Nothing in {view}.", [("[ ]", "other views"), ("V", "all views"), ("/", "filters")])


def _all_clear(app: TriageApp) -> list[Line]:
    """What to say when everything that came is dealt with; nothing when nothing came."""
    from triage.domain.issue import IssueQuery

    try:
        total = app.workspace.store.count(IssueQuery(status=None))
    except TriageError:
        return []
    if not total:
        return []
    return _said(
        f"All clear: nothing is unresolved ({plural(total, 'issue')} in all).",
        [("[ ]", "snoozed and resolved ones"), ("z", "takes the last change back")],
    )


def _nothing_yet(app: TriageApp) -> list[Line]:
    lines = [BLANK, line((Clean("  No errors yet."), "strong")), BLANK]
    if app.ingest is not None:
        lines += [
            line((Clean("  Let your service send them here: "), "text")),
            BLANK,
            line((clean(f"    SENTRY_DSN={app.ingest.dsn}", 300), "string")),
            line((Clean("    import sentry_sdk; sentry_sdk.init()"), "string")),
            BLANK,
            line(
                *((Clean("  They show up here as they come. "), "dim"), (Clean("y"), "key")),
                (Clean(" copies the DSN."), "dim"),
            ),
            BLANK,
        ]
    elif app.ingest_error is not None:
        error = app.ingest_error
        lines += [
            *_wrapped(f"{error.title}: {error.detail}", "bad", app.size.width),
            *_wrapped(error.hint, "name", app.size.width),
            BLANK,
        ]
    elif app.ingest_starting:
        lines += [line((Clean("  The ingest server is starting …"), "dim")), BLANK]
    lines += [
        *_not_set_up(app.workspace.repo),
        line((Clean("  Bring in what you have: "), "text")),
        BLANK,
        line((Clean("    triage import FILE..."), "string"), (Clean("   Sentry events, envelopes, logs"), "dim")),
        line((Clean("    triage demo"), "string"), (Clean("             a sample service with real errors"), "dim")),
    ]
    return lines


def _not_set_up(repo: Path) -> list[Line]:
    """What is missing around here before a test can be drafted; nothing when all is there."""
    if not (repo / ".git").exists():
        return [
            line((clean(f"  {repo} is no git repository: ", 400), "warn")),
            line((Clean("  start triage in the checkout of your service, or name it with --repo."), "text")),
            BLANK,
        ]
    if not (repo / REPO_FILE).exists():
        return [
            line(
                *((Clean("  triage init"), "string"), (Clean(" finds interpreter, tests and forge, and"), "text")),
                (clean(f" writes {REPO_FILE}."), "text"),
            ),
            BLANK,
        ]
    return []


def _wrapped(text: str, ink: str, cells: int) -> list[Line]:
    """A sentence of outside words on as many lines as it needs."""
    return [line((clean(f"  {part}"), ink)) for part in wrap(clean(text, 600), max(20, cells - 4), 5)]


def _said(sentence: str, keys: list[tuple[str, str]]) -> list[Line]:
    return [
        BLANK,
        line((clean(f"  {sentence}", 300), "strong")),
        BLANK,
        *(line((Clean(f"  {key:<5}"), "key"), (clean(label), "text")) for key, label in keys),
    ]
