"""Why an action cannot be done now: what a screen knows, and the reasons that look at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Context:
    """What the reasons look at. A screen fills in what it knows and leaves the rest."""

    issues: int = 0  # marked ones, else the one under the cursor
    frame_in_checkout: bool | None = None
    has_link: bool = False
    undo: bool = True
    claude: str | None = None  # why Claude cannot draft
    editor: str | None = None  # why no editor can be opened
    draft: bool = False
    drafts: int = 0
    revision_parent: bool = False
    running: bool = False
    waiting: bool = False  # for an explicit yes
    failures: bool = True
    evidence: str | None = None  # why nothing can be sent now
    published: bool = False
    case_loaded: bool = True
    test: bool = False  # a test of the repo is chosen
    on_test: bool = False  # the cursor stands on it
    file: bool = False  # a file of the checkout is shown
    sides: bool = False  # it can differ between the release and HEAD
    request: bool = False
    group: bool = False  # the cursor stands on the heading of a group


READING = "the drafts are still being read"
Reason = Callable[[Context], str | None]


def always(context: Context) -> str | None:
    """For actions that can be done at any time."""
    return None


def issue(context: Context) -> str | None:
    return None if context.issues else "no issue here"


def row(context: Context) -> str | None:
    return None if context.issues or context.group else "no issue here"


def link(context: Context) -> str | None:
    return None if context.has_link else "there is no link: publish a draft first, or take issues from a tracker"


def claude(context: Context) -> str | None:
    return issue(context) or context.claude


def frame(context: Context) -> str | None:
    if context.frame_in_checkout is None:
        return "no frame is chosen"
    if not context.frame_in_checkout:
        return "this frame is not in the checkout"
    return context.editor


def editable(context: Context) -> str | None:
    return context.editor if context.on_test else frame(context)


def test(context: Context) -> str | None:
    return None if context.test else "no test runs this code: d drafts one"


def file(context: Context) -> str | None:
    return None if context.file else "the source panel shows no file of the checkout"


def sides(context: Context) -> str | None:
    return file(context) or (None if context.sides else "the release is HEAD, or unknown here")


def request(context: Context) -> str | None:
    return None if context.request else "no HTTP request came with this event"


def draft(context: Context) -> str | None:
    if context.draft:
        return None
    return "there is no draft yet: d on the issue makes one" if context.case_loaded else READING


def more(context: Context) -> str | None:
    return draft(context) or context.claude


def two_drafts(context: Context) -> str | None:
    return None if context.drafts > 1 else "there is only one draft"


def editor(context: Context) -> str | None:
    return draft(context) or context.editor


def running(context: Context) -> str | None:
    return None if context.running else "nothing runs"


def idle(context: Context) -> str | None:
    return "something is under way: ctrl+x stops it" if context.running else issue(context)


def not_running(context: Context) -> str | None:
    return "a run is under way: ctrl+x stops it" if context.running else draft(context)


def sendable(context: Context) -> str | None:
    """Weak evidence is no reason: the sheet then shows it and waits for an explicit yes."""
    return draft(context) or context.evidence


def waiting(context: Context) -> str | None:
    return None if context.waiting else "nothing waits for your yes"


def published(context: Context) -> str | None:
    return None if context.published else "nothing is published"


def undo(context: Context) -> str | None:
    """For taking back."""
    return None if context.undo else "nothing to undo"


def drafts(context: Context) -> str | None:
    """For what looks at drafts."""
    if context.drafts:
        return None
    return "no draft yet: d makes one" if context.case_loaded else READING
