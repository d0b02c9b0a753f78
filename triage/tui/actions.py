"""The one registry of actions: keys, footer, help, palette and `docs/keys.md` come from it.

An `Action` belongs to a scope. A screen lists the scopes that hold on it (`SCREEN_SCOPES`);
pressing a key calls `do_<name>` (the id's part after the dot) on the node that owns the
scope, or on the app. `why_not` is one of `triage.tui.reasons`: why the action cannot be done
now, or None. Such actions stay visible and say why.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from textual.binding import Binding, BindingType

from triage.tui import reasons
from triage.tui.reasons import Reason


@dataclass(frozen=True, slots=True)
class Action:
    """`footer` orders the footer (0: not there, 1: first). Keys are Textual's names."""

    id: str
    keys: tuple[str, ...]
    label: str
    description: str
    group: str
    footer: int = 0
    why_not: Reason = reasons.always

    @property
    def scope(self) -> str:
        return self.id.partition(".")[0]

    @property
    def name(self) -> str:
        return self.id.partition(".")[2]


MOVE, VIEW, CHANGE, DRAFT, COPY, PROGRAM = "Move", "Look", "Change", "Draft", "Take along", "Program"

ACTIONS: tuple[Action, ...] = (
    # -- everywhere
    Action("app.help", ("question_mark", "f1"), "help", "Keys that work here, searchable", PROGRAM, 90),
    Action("app.palette", ("ctrl+p", "colon"), "palette", "Find an action by name and do it", PROGRAM),
    Action("app.back", ("escape",), "back", "One step back: clear the filter, close, leave", PROGRAM),
    Action("app.leave", ("q",), "leave", "Leave this screen; in the inbox, quit", PROGRAM, 95),
    Action("app.quit", ("ctrl+q",), "quit", "Quit; asks only while something runs", PROGRAM),
    Action("app.jobs", ("J",), "jobs", "What runs now; stop one", PROGRAM),
    Action("app.theme", ("f9",), "theme", "Next colour theme", PROGRAM),
    Action("app.refresh", ("R",), "refresh", "Look again, and show what arrived", VIEW),
    Action("app.copy", ("y",), "copy", "Copy the short form", COPY),
    Action("app.copy_full", ("Y",), "copy all", "Copy the full form, secrets taken out", COPY),
    Action(
        "app.open_link", ("o",), "open link", "Open the pull request or tracker in the browser", COPY, 0, reasons.link
    ),
    Action("app.next_panel", ("tab",), "next panel", "To the next panel", MOVE),
    Action("app.previous_panel", ("shift+tab",), "previous panel", "To the previous panel", MOVE),
    Action("app.panel_1", ("1",), "panel 1", "To the first panel", MOVE),
    Action("app.panel_2", ("2",), "panel 2", "To the second panel", MOVE),
    Action("app.panel_3", ("3",), "panel 3", "To the third panel", MOVE),
    Action("app.panel_4", ("4",), "panel 4", "To the fourth panel", MOVE),
    Action("app.jump", ("apostrophe", "ctrl+o"), "jump", "A letter on every panel; one key goes there", MOVE),
    Action("app.enlarge", ("plus",), "enlarge", "Give this panel the whole screen", VIEW),
    Action("app.shrink", ("underscore",), "shrink", "Show all panels again", VIEW),
    # -- lists
    Action("list.down", ("j", "down"), "down", "One down", MOVE),
    Action("list.up", ("k", "up"), "up", "One up", MOVE),
    Action("list.top", ("g", "home"), "first", "To the first", MOVE),
    Action("list.bottom", ("G", "end"), "last", "To the last", MOVE),
    Action("list.half_down", ("ctrl+d",), "half page down", "Half a page down", MOVE),
    Action("list.half_up", ("ctrl+u",), "half page up", "Half a page up", MOVE),
    Action("list.page_down", ("pagedown",), "page down", "A page down", MOVE),
    Action("list.page_up", ("pageup",), "page up", "A page up", MOVE),
    Action("list.open", ("enter", "l", "right"), "open", "Open what is under the cursor", MOVE),
    Action("list.back", ("h", "left"), "back", "Back, or to the panel on the left", MOVE),
    # -- find inside a panel of lines
    Action("find.start", ("slash",), "find", "Find in this panel", VIEW),
    Action("find.next", ("n",), "next hit", "To the next hit", VIEW),
    Action("find.previous", ("N",), "previous hit", "To the previous hit", VIEW),
    # -- inbox
    Action("inbox.open", ("enter", "l", "right"), "open", "Open the issue, fold the group", MOVE, 1, reasons.row),
    Action("inbox.filter", ("slash",), "filter", "Filter as you type", VIEW, 2),
    Action("inbox.next_error", ("n",), "next unseen", "To the next issue not looked at yet", MOVE),
    Action("inbox.previous_error", ("N",), "previous unseen", "To the one before not looked at yet", MOVE),
    Action("inbox.draft", ("d",), "draft test", "Draft a test that fails as production did", DRAFT, 3, reasons.issue),
    Action("inbox.resolve", ("x",), "resolve", "Mark as resolved, or unresolved again", CHANGE, 4, reasons.issue),
    Action("inbox.assign", ("a",), "assign to me", "Assign to me, or to nobody again", CHANGE, 5, reasons.issue),
    Action("inbox.snooze", ("s",), "snooze", "Put aside for a day", CHANGE, 6, reasons.issue),
    Action("inbox.assign_to", ("A",), "assign to", "Assign to somebody", CHANGE, 0, reasons.issue),
    Action("inbox.snooze_for", ("Z",), "snooze for", "Put aside for an hour, a week, ...", CHANGE, 0, reasons.issue),
    Action(
        "inbox.undo",
        ("z",),
        "undo",
        "Take back the last local change",
        CHANGE,
        0,
        reasons.undo,
    ),
    Action("inbox.mark", ("space",), "mark", "Mark or unmark; actions then work on all marked", CHANGE, 0, reasons.row),
    Action("inbox.mark_range", ("v",), "mark range", "Mark from the last mark to here", CHANGE, 0, reasons.row),
    Action("inbox.previous_view", ("left_square_bracket",), "previous view", "The view before", VIEW),
    Action("inbox.next_view", ("right_square_bracket",), "next view", "Unresolved, mine, ... and your own", VIEW),
    Action("inbox.choose_view", ("V",), "views", "Choose a view by name", VIEW),
    Action("inbox.sort", ("S",), "sort", "Sort by any column", VIEW),
    Action("inbox.group", ("B",), "group", "Group by service, release, owner or level", VIEW),
    Action("inbox.fold", ("F",), "fold groups", "Show the headings of groups only, or all again", VIEW),
    Action("inbox.next_group", ("right_curly_bracket",), "next group", "To the next group", MOVE),
    Action("inbox.previous_group", ("left_curly_bracket",), "previous group", "To the group before", MOVE),
    Action("inbox.preview", ("w",), "preview", "Show or hide the preview", VIEW),
    # -- issue
    Action("issue.draft", ("d",), "draft test", "Draft a test that fails as production did", DRAFT, 1, reasons.issue),
    Action(
        "issue.draft_instructed",
        ("D",),
        "draft with Claude",
        "Draft with instructions; shows prompt and cost before it is sent",
        DRAFT,
        2,
        reasons.claude,
    ),
    Action(
        "issue.review",
        ("r",),
        "review",
        "Review the drafts side by side",
        DRAFT,
        3,
        reasons.drafts,
    ),
    Action("issue.code_path", ("c",), "code path", "The stack on the checkout", VIEW, 4),
    Action("issue.tests", ("t",), "tests", "Tests that cover this code", VIEW, 5),
    Action(
        "issue.edit", ("e",), "open in editor", "Open the line, or the test, in $EDITOR", DRAFT, 6, reasons.editable
    ),
    Action("issue.next_frame", ("full_stop",), "next frame", "To the next frame of ours, out to the caller", MOVE),
    Action("issue.previous_frame", ("comma",), "previous frame", "To the frame before, in to the crash", MOVE),
    Action("issue.side", ("v",), "release or HEAD", "The file as in the release, or at HEAD", VIEW, 0, reasons.sides),
    Action("issue.blame", ("b",), "blame", "Who last touched this line", VIEW, 0, reasons.file),
    Action("issue.run_test", ("T", "f5"), "run test", "Run the chosen test, or the nearest", DRAFT, 0, reasons.test),
    Action(
        "issue.style", ("space",), "take style", "The next draft takes this test as its model", DRAFT, 0, reasons.test
    ),
    Action(
        "issue.copy_secrets",
        ("ctrl+y",),
        "copy with secrets",
        "Copy the request as curl, secrets left in",
        COPY,
        0,
        reasons.request,
    ),
    Action("issue.libraries", ("f",), "library frames", "Show or fold the libraries' frames", VIEW),
    Action("issue.next_tab", ("right_square_bracket",), "next tab", "The next tab of facts", VIEW),
    Action("issue.previous_tab", ("left_square_bracket",), "previous tab", "The tab before", VIEW),
    Action("issue.resolve", ("x",), "resolve", "Mark as resolved, or unresolved again", CHANGE, 0, reasons.issue),
    Action("issue.assign", ("a",), "assign to me", "Assign to me, or to nobody again", CHANGE, 0, reasons.issue),
    Action("issue.snooze", ("s",), "snooze", "Put aside for a day", CHANGE, 0, reasons.issue),
    Action("issue.undo", ("z",), "undo", "Take back the last local change", CHANGE),
    # -- review
    Action("review.take", ("enter", "e"), "take", "Take this draft into the editor", DRAFT, 1, reasons.draft),
    Action("review.run", ("r",), "run", "Run this draft", DRAFT, 2, reasons.draft),
    Action("review.run_all", ("A",), "run all", "Run all drafts and rank them by evidence", DRAFT, 3, reasons.draft),
    Action("review.publish_pull", ("P",), "draft PR", "Push and open a draft pull request", DRAFT, 4, reasons.sendable),
    Action("review.publish_branch", ("p",), "push branch", "Commit and push the branch", DRAFT, 5, reasons.draft),
    Action("review.layout", ("vertical_line",), "layout", "Side by side, unified, single", VIEW, 6),
    Action("review.against", ("c",), "compare with", "Choose what stands on the right", VIEW, 0, reasons.draft),
    Action("review.next", ("l", "right"), "next draft", "The next draft", MOVE, 0, reasons.two_drafts),
    Action("review.previous", ("h", "left"), "previous draft", "The draft before", MOVE, 0, reasons.two_drafts),
    Action("review.discard", ("x",), "discard", "Discard this draft; z brings it back", CHANGE, 0, reasons.draft),
    Action("review.undo", ("z",), "undo", "Bring the discarded draft back", CHANGE),
    Action("review.draft", ("d",), "draft test", "Draft one more by replay", DRAFT, 0, reasons.idle),
    Action("review.draft_instructed", ("D",), "draft with Claude", "Draft one with Claude", DRAFT, 0, reasons.claude),
    Action("review.fix", ("F",), "fix ref", "Say which branch or commit has the fix", DRAFT, 0, reasons.issue),
    Action("review.stop", ("ctrl+x",), "stop", "Stop drafting or running", CHANGE, 0, reasons.running),
    Action("review.own", ("C",), "compare other", "Choose what stands on the left", VIEW, 0, reasons.draft),
    Action("review.swap", ("X",), "swap sides", "Left to the right, right to the left", VIEW, 0, reasons.draft),
    Action(
        "review.strategies",
        ("t",),
        "strategies",
        "Replay, Claude and human: evidence, cost, time",
        VIEW,
        0,
        reasons.draft,
    ),
    Action("review.more", ("m",), "ask for more", "Another try, with an instruction", DRAFT, 0, reasons.more),
    Action("review.unpublish", ("u",), "undo publish", "Close the PR, delete the branch", CHANGE, 0, reasons.published),
    # -- edit: the text area has the letters
    Action("edit.save", ("ctrl+s",), "save", "Save as a new revision", CHANGE, 1),
    Action("edit.run", ("f5",), "run", "Save and run the test", DRAFT, 2),
    Action("edit.editor", ("ctrl+g",), "$EDITOR", "Edit in $EDITOR", DRAFT, 3, reasons.editor),
    Action("edit.next_finding", ("f2",), "next finding", "To the next line that something is said about", MOVE, 4),
    Action("edit.on_save", ("f8",), "run on save", "Run the test whenever it is saved, or no longer", CHANGE, 5),
    # -- run
    Action("run.again", ("r",), "run again", "Run again", DRAFT, 1, reasons.not_running),
    Action("run.stop", ("ctrl+x",), "stop", "Stop the process", CHANGE, 2, reasons.running),
    Action("run.failures", ("f",), "failures only", "Only the lines that tell of a failure", VIEW, 3),
    Action("run.publish_pull", ("P",), "draft PR", "Push and open a draft pull request", DRAFT, 4, reasons.sendable),
    Action("run.publish_branch", ("p",), "push branch", "Commit and push the branch", DRAFT, 5, reasons.draft),
    Action(
        "run.fix",
        ("F",),
        "fix ref",
        "Say which branch or commit has the fix, and run there",
        DRAFT,
        6,
        reasons.not_running,
    ),
    Action("run.edit", ("e",), "edit", "Edit this draft", DRAFT, 0, reasons.draft),
    Action("run.source", ("enter", "l", "right"), "source", "Show the source that this line speaks of", VIEW),
    Action("run.editor", ("E",), "open in editor", "Open the source of this line in $EDITOR", VIEW, 0, reasons.editor),
    Action("run.next_place", ("right_square_bracket",), "next place", "To the next line that names a source", MOVE),
    Action("run.previous_place", ("left_square_bracket",), "place before", "To the one before", MOVE),
    Action("run.history", ("H",), "history", "All runs of this draft; open an earlier one", VIEW, 0, reasons.draft),
    Action("run.agree", ("y",), "agree", "Agree to this one run without a sandbox", CHANGE),
    # -- source of a traceback
    Action(
        "source.editor",
        ("e", "E"),
        "edit",
        "Edit it at this line: the draft here, else $EDITOR",
        DRAFT,
        1,
        reasons.editor,
    ),
    # -- one test of the repo
    Action("test.again", ("r",), "run again", "Run it again", DRAFT, 1),
    Action("test.stop", ("ctrl+x",), "stop", "Stop it", CHANGE, 2, reasons.running),
    Action("test.failures", ("f",), "failures only", "Only the lines that tell of a failure", VIEW, 3),
    Action("test.edit", ("e",), "open in editor", "Open its file in $EDITOR", DRAFT, 4, reasons.editor),
    Action("test.agree", ("y",), "agree", "Agree to this one run without a sandbox", CHANGE),
    # -- prompt
    Action("prompt.send", ("y",), "send", "Send exactly this to the model", DRAFT, 1, reasons.claude),
    Action("prompt.instruct", ("i",), "instruction", "Change the instruction", CHANGE, 2),
    # -- publish
    Action("publish.pull", ("P",), "draft PR", "Push and open a draft pull request", DRAFT, 1, reasons.sendable),
    Action("publish.branch", ("p",), "push branch", "Commit and push the branch", DRAFT, 2, reasons.draft),
    Action("publish.stop", ("ctrl+x",), "stop", "Stop what runs", CHANGE, 0, reasons.running),
    Action(
        "publish.accept", ("y",), "send anyway", "Send although not everything is proven", DRAFT, 4, reasons.waiting
    ),
    Action("publish.undo", ("u",), "undo publish", "Close the PR, delete the branch", CHANGE, 3, reasons.published),
)

SCREEN_SCOPES: dict[str, tuple[str, ...]] = {
    "inbox": ("inbox", "list", "app"),
    "issue": ("issue", "find", "list", "app"),
    "review": ("review", "find", "list", "app"),
    "edit": ("edit", "app"),
    "run": ("run", "find", "list", "app"),
    "source": ("source", "find", "list", "app"),
    "publish": ("publish", "find", "list", "app"),
    "prompt": ("prompt", "find", "list", "app"),
    "test": ("test", "find", "list", "app"),
    "sheet": ("app",),
}
"""Which scopes hold on which screen; where two claim a key, the earlier one has it."""

SCOPE_TITLES = {
    "app": "Everywhere",
    "list": "Lists",
    "find": "Panels of text",
    "inbox": "Inbox",
    "issue": "Issue",
    "review": "Review",
    "edit": "Edit",
    "run": "Run",
    "source": "Source of a traceback",
    "publish": "Publish",
    "prompt": "Prompt",
    "test": "One test",
}

TEXT_KEYS = frozenset({"escape", "tab", "shift+tab", "f1", "ctrl+p", "ctrl+q"})
"""Keys of the scope `app` that still work while a text field has the focus."""

BY_ID = {action.id: action for action in ACTIONS}


def in_scope(scope: str) -> Iterator[Action]:
    """The actions of one scope, in the registry's order."""
    return (action for action in ACTIONS if action.scope == scope)


def on_screen(screen: str) -> Iterator[Action]:
    """All actions that hold on a screen, its own first."""
    for scope in SCREEN_SCOPES[screen]:
        yield from in_scope(scope)


def bindings(*scopes: str) -> list[BindingType]:
    """Textual bindings for a node that owns these scopes; ids are the actions' ids.

    Where two scopes claim one key, the earlier has it.
    """
    taken: set[str] = set()
    made: list[BindingType] = []
    for scope in scopes:
        for action in in_scope(scope):
            keys = [key for key in action.keys if key not in taken]
            taken.update(keys)
            if keys:
                made.append(
                    Binding(
                        ",".join(keys),
                        f"do('{action.id}')",
                        action.label,
                        show=bool(action.footer),
                        tooltip=action.description,
                        id=action.id,
                    )
                )
    return made


def footer(screen: str, most: int = 6) -> list[Action]:
    """The actions to show at the bottom of a screen, most useful first."""
    shown = sorted((action for action in on_screen(screen) if action.footer), key=lambda action: action.footer)
    kept = [action for action in shown if action.scope != "app"][: most - 1]
    return [*kept, BY_ID["app.help"]]
