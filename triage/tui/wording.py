"""Numbers, times and standings in the few words that fit on a screen."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from triage.domain.issue import Issue, Status

if TYPE_CHECKING:
    from triage.domain.case import Case
    from triage.domain.code_path import Blame

MINUTE, HOUR, DAY = 60, 3_600, 86_400


def age(then: datetime, now: datetime) -> str:
    """How long ago, in at most four characters: "now", "3m", "2h", "5d", "3w", "14mo", "3y"."""
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    seconds = (now - then).total_seconds()
    if seconds < 45:
        return "now"
    for size, unit, until in ((MINUTE, "m", HOUR), (HOUR, "h", DAY), (DAY, "d", 14 * DAY), (7 * DAY, "w", 60 * DAY)):
        if seconds < until:
            return f"{max(1, int(seconds // size))}{unit}"
    months = int(seconds // (30 * DAY))
    return f"{months}mo" if months < 24 else f"{int(seconds // (365 * DAY))}y"


def ago(then: datetime, now: datetime) -> str:
    """The same inside a sentence: "just now", "3m ago"."""
    short = age(then, now)
    return "just now" if short == "now" else f"{short} ago"


def amount(number: int) -> str:
    """A count in at most four characters: 999, 1.2k, 45k, 3.4M."""
    for size, unit in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        if number >= size:
            scaled = number / size
            return f"{scaled:.1f}{unit}" if scaled < 9.95 else f"{scaled:.0f}{unit}"
    return str(number)


def bars(counts: tuple[int, ...], signs: str, cells: int) -> str:
    """Counts as a row of bars, the newest at the right, scaled to the highest.

    `signs` are the bars by height, blank first. Empty buckets stand on the base line.
    """
    shown = counts[-cells:]
    top = max(shown, default=0)
    steps = len(signs) - 2
    drawn = "".join(signs[1] if not n or not top else signs[1 + max(1, round(n / top * steps))] for n in shown)
    return drawn.rjust(cells)


def plural(number: int, word: str) -> str:
    """`1 event`, `2,300 events`."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


PROVEN = {"REPRODUCED": "draft reproduces", "PASSES": "draft reproduces, passes on the fix"}
"""The words of a draft that may go out."""
SKELETON = "SKELETON"
"""What an issue's `draft` is when nothing reproduced and only a test with holes was left."""


def publication_words(publication: str) -> str:
    """ "branch pushed", "PR #12 open", "PR #12 merged"."""
    if publication == "branch":
        return "branch pushed"
    return f"{publication} open" if publication.count(" ") == 1 else publication


def draft_words(word: str) -> tuple[str, str]:
    """What an issue's best draft is worth, and the ink for it."""
    if word in PROVEN:
        return PROVEN[word], "good"
    if word == SKELETON:
        return "a skeleton to fill in", "dim"
    return ("draft not run yet" if word == "NEW" else f"draft {word.lower().replace('_', ' ')}"), "warn"


def standing_words(issue: Issue) -> list[tuple[str, str]]:
    """Where an issue stands, as (words, ink) in the order of their weight."""
    words: list[tuple[str, str]] = []
    if issue.status is Status.RESOLVED:
        words.append(("resolved", "good"))
    elif issue.status is Status.SNOOZED:
        until = f" until {issue.snoozed_until.astimezone():%a %H:%M}" if issue.snoozed_until else ""
        words.append((f"snoozed{until}", "dim"))
    elif issue.regressed:
        where = f" in {issue.last_release}" if issue.last_release else ""
        words.append((f"regressed{where}", "bad"))
    else:
        words.append(("unresolved", "text"))
    if issue.covered is False:
        words.append(("uncovered", "warn"))
    elif issue.covered:
        words.append(("covered by tests", "good"))
    if issue.draft:
        words.append(draft_words(issue.draft))
    if issue.publication:
        words.append((publication_words(issue.publication), "accent"))
    if issue.assignee:
        words.append((f"assigned to {issue.assignee}", "text"))
    return words


def blame_words(blame: Blame) -> str:
    """Who last touched a line, when and with what commit."""
    when = ago(blame.when, datetime.now(UTC))
    return f"{blame.author}, {when} ({blame.when:%Y-%m-%d}), in {blame.commit[:7]}: {blame.summary}"


def status_words(issue: Issue) -> str:
    """Only the status, in a word or two."""
    return standing_words(issue)[0][0]


def case_words(case: Case) -> list[tuple[str, str]]:
    """The same with what the checkout told, in the order in which one would say it: "uncovered,
    regressed in 1.4.2, suspect a1b2c3 by ana, draft reproduces, PR #12 open"."""
    said = standing_words(case.issue)
    status, rest = said[:1], said[1:]
    covered = [pair for pair in rest if pair[0] in ("uncovered", "covered by tests")]
    words = [*covered, *status]
    if case.code_path.crash is None:
        words.append(("not in this checkout", "bad"))
    if (suspect := case.code_path.suspect) is not None:
        words.append((f"suspect {suspect.commit[:7]} by {suspect.author}", "warn"))
    words += [pair for pair in rest if pair not in covered]
    words.append((f"inputs: {case.fidelity}", "dim"))
    return words


def next_here(issue: Issue, case: Case | None) -> str:
    """What a tired engineer would do next on the issue's own screen, with its key."""
    if issue.status is Status.RESOLVED:
        return "resolved: nothing to do. x opens it again"
    sent = next((item for item in reversed(case.publications) if not item.undone), None) if case else None
    if issue.publication and issue.publication.endswith(" merged"):
        return "merged: it is resolved once a release has the fix. o opens the pull request"
    if issue.publication and issue.publication.endswith((" closed", " released")):
        return "still seen: d drafts again, x resolves it"
    if issue.publication and issue.publication != "branch":
        failed = sent.following.failed if sent is not None and sent.following is not None else ()
        if failed:
            return f"a check of the pull request failed ({failed[0].name}): o opens it, r shows the draft"
        return "wait for the review: o opens the pull request, r shows its evidence"
    if issue.publication == "branch":
        return "the branch is pushed: r, then P opens the pull request"
    if issue.draft in PROVEN:
        return "r reviews the draft, then P opens the pull request"
    if issue.draft == SKELETON:
        return "nothing reproduced it: r, then enter fills the skeleton's holes. D asks Claude"
    if issue.draft == "NEW":
        return "r reviews the draft, r there runs it"
    if issue.draft:
        return "r reviews the draft: it does not fail as production did yet. d drafts another"
    if case is not None and case.code_path.crash is None:
        return "nothing to test here: fetch the commit, or set [[path_map]] in triage.toml. `triage doctor` helps"
    if issue.covered:
        return "d drafts a test that fails as production did; the existing ones miss it"
    return "d drafts a test that fails as production did"


def next_step(issue: Issue) -> str:
    """What a tired engineer would do next, with its key."""
    if issue.status is Status.RESOLVED:
        return "resolved: nothing to do. x opens it again"
    if issue.publication and issue.publication.endswith(" merged"):
        return f"{issue.publication}: it is resolved once a release has it. o opens it"
    if issue.publication and issue.publication.endswith((" closed", " released")):
        return f"{issue.publication}, and still unresolved: d drafts again, x resolves it"
    if issue.publication and issue.publication != "branch":
        return f"{issue.publication} is open: o opens it, enter shows its evidence"
    if issue.publication == "branch":
        return "the branch is pushed: enter, then P opens the pull request"
    if issue.draft in PROVEN:
        return "a draft reproduces it: enter, r reviews it, P opens the pull request"
    if issue.draft == SKELETON:
        return "nothing reproduced it: enter, then r shows a skeleton to fill in"
    if issue.draft == "NEW":
        return "a draft waits for its first run: enter, then r"
    if issue.draft:
        return "the draft does not reproduce it yet: enter, then r reviews it"
    if issue.covered:
        return "d drafts a test that fails as production did; the existing ones miss it"
    return "d drafts a test that fails as production did"
