"""The store as the rest of triage sees it: one object, safe to call from any thread."""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from triage.domain.incoming import IncomingEvent, Kind
from triage.domain.issue import Group, Issue, IssueQuery, News, in_order
from triage.errors import NotFound, TriageError
from triage.store import news as arrivals
from triage.store.database import Database
from triage.store.journal import bump
from triage.store.rows import ISSUE, Activity, Clock, RawEvent, clean, to_issue, to_micros, to_time
from triage.store.sqlite_windows import SqliteWindows
from triage.store.windows import Windows, values

if TYPE_CHECKING:
    from triage.domain.draft import Draft, Strategy
    from triage.domain.following import Following
    from triage.domain.occurrence import Occurrences
    from triage.domain.publication import Publication
    from triage.domain.report import Report, ReportText
    from triage.domain.verdict import Evidence, RunResult

KEPT_COUNTS = 64
MOST_IDS = 500


def system_clock() -> datetime:
    return datetime.now(UTC)


class Store:
    """Issues with their events, drafts, runs and publications.

    Every method is synchronous and may be called from any thread and while other processes
    use the same store. Failures are TriageErrors: NotFound for what does not exist,
    Unavailable when the database does not serve (no room, locked, damaged, read-only).
    `who` names the person in the history.
    """

    def __init__(self, database: Database, clock: Clock = system_clock, who: str = "") -> None:
        self.database = database
        self._clock = clock
        self._who = who or _user()
        self._windows = SqliteWindows(database) if database.dialect == "sqlite" else Windows(database)
        self._counts: dict[IssueQuery, tuple[int, int]] = {}

    def close(self) -> None:
        self.database.close()

    # Events

    def add_events(self, batch: Sequence[IncomingEvent]) -> list[int | None]:
        """Store a batch in one transaction; when this returns it is on the disk.

        Out comes the issue's id for each event, None for those that are stored already (or
        twice in the batch). A resolved issue that is seen again is reopened and marked.
        """
        from triage.store.intake import add_events

        return add_events(self.database, batch, self._clock())

    def raw_event(self, issue_id: int, event_id: str | None = None) -> RawEvent:
        """An event with its payload; without `event_id` the most complete, the latest of those."""
        if event_id is None:
            where, parameters = "e.id = (SELECT best_event FROM issue WHERE id = ?)", (issue_id,)
            found = self._raw_events(f"WHERE {where}", parameters)
        else:
            found = self._raw_events("WHERE e.event_id = ? AND e.issue_id = ?", (event_id, issue_id))
        if not found:
            raise NotFound(f"no event {event_id or ''} of T-{issue_id}".replace("  ", " "), "", "see `triage show`")
        return found[0]

    def raw_events(self, issue_id: int, limit: int = 50) -> list[RawEvent]:
        """An issue's events with payloads, the latest first."""
        clause = "WHERE e.issue_id = ? ORDER BY e.occurred_at DESC, e.id DESC LIMIT ?"
        return self._raw_events(clause, (issue_id, max(0, limit)))

    # Windows over the issues

    def count(self, query: IssueQuery) -> int:
        """How many issues the query has; known at once while nothing changes."""
        self._wake()
        token = self.change_token()
        known = self._counts.get(query)
        if known is not None and known[0] == token:
            return known[1]
        number = self._windows.count(query)
        if len(self._counts) >= KEPT_COUNTS:
            self._counts = {}
        self._counts[query] = (token, number)
        return number

    def forget(self) -> None:
        """Drop what is kept between calls, for measuring."""
        self._counts = {}

    def page(
        self, query: IssueQuery, limit: int, after: Issue | None = None, before: Issue | None = None
    ) -> list[Issue]:
        """Up to `limit` issues in list order: the first ones, those just below `after`, or those
        just above `before`. Both are taken as they were read: an issue that moved in the
        meantime does not shift the window."""
        return self._windows.page(query, limit, self._wake(), after, before)

    def page_at(self, query: IssueQuery, offset: int, limit: int) -> list[Issue]:
        """The issues at `offset` (0 is the first) and below."""
        return self._windows.page_at(query, offset, limit, self._wake())

    def last_page(self, query: IssueQuery, limit: int) -> list[Issue]:
        """The last `limit` issues, in list order."""
        return self._windows.last_page(query, limit, self._wake())

    def position(self, query: IssueQuery, issue: Issue) -> int:
        """How many issues of the query stand above `issue`: its offset, if it is in the query."""
        self._wake()
        return self._windows.position(query, issue)

    def arrived(self, query: IssueQuery, top: Issue) -> int:
        """How many issues now stand above `top`, which was the first; with filters only those
        among the newest few thousand are counted."""
        self._wake()
        return self._windows.arrived(query, top)

    def groups(self, query: IssueQuery, group: str) -> list[Group]:
        """The issues of the query counted by a member of GROUPS, in the order of `in_order`."""
        self._wake()
        return in_order(self._windows.groups(query, group), group)

    def values(self, name: str, limit: int = 2_000) -> list[str]:
        """The values that issues have of "release", "service" or "owner", in the order of the alphabet."""
        return values(self.database, name, limit)

    def change_token(self) -> int:
        """A number that grows whenever anything in the store changed, by any process."""
        return int(self.database.read("SELECT value FROM revision")[0][0])

    def issue(self, ref: int | str) -> Issue:
        """One issue by its id or short id ("T-12", "t-12", "12"). Raises NotFound."""
        text = str(ref).strip()
        digits = text[2:] if text[:2].lower() == "t-" else text
        if digits.isascii() and digits.isdigit() and len(digits) < 19:
            now = self._wake()
            rows = self.database.read(f"SELECT {ISSUE} FROM issue WHERE id = ?", (int(digits),))
            if rows:
                return to_issue(rows[0], now)
        raise NotFound(f"no issue {clean(text, 40)}", "", "`triage ls` lists the issues")

    def issues(self, ids: Iterable[int]) -> dict[int, Issue]:
        """The issues of these ids that exist, by id."""
        now = self._wake()
        wanted = [int(number) for number in ids][:MOST_IDS]
        marks = ", ".join("?" * len(wanted))
        rows = self.database.read(f"SELECT {ISSUE} FROM issue WHERE id IN ({marks})", wanted) if wanted else []
        return {int(row[0]): to_issue(row, now) for row in rows}

    def mark(self) -> tuple[int, int]:
        """From where `news` tells what came later."""
        return arrivals.mark(self.database)

    def news(self, since: tuple[int, int], limit: int = 20) -> News:
        """New and regressed issues since a mark, the latest `limit` of each, and their numbers."""
        return arrivals.news(self.database, since, limit, self._now())

    def raw_size(self, issue_id: int) -> int:
        """Bytes of the event that `raw_event` gives first, told by the head of what is stored."""
        from triage.store.intake import unpacked_size

        rows = self.database.read(
            "SELECT substr(raw, 1, 32) FROM payload WHERE id = (SELECT best_event FROM issue WHERE id = ?)", (issue_id,)
        )
        return unpacked_size(bytes(rows[0][0])) if rows else 0

    # Local changes, undoable

    def resolve(self, ids: Iterable[int], release: str | None = None) -> None:
        """Mark issues resolved in `release`, else in the one they were last seen in; one undoable
        action."""
        from triage.store import actions

        actions.resolve(self.database, ids, release, self._who, self._now())

    def unresolve(self, ids: Iterable[int]) -> None:
        """Open resolved or snoozed issues again; one undoable action."""
        from triage.store import actions

        actions.unresolve(self.database, ids, self._who, self._now())

    def snooze(self, ids: Iterable[int], until: datetime) -> None:
        """Hide issues until a time, when they count as unresolved again; one undoable action."""
        from triage.store import actions

        actions.snooze(self.database, ids, until, self._who, self._now())

    def assign(self, ids: Iterable[int], who: str | None) -> None:
        """Assign issues to somebody or (None) to nobody; one undoable action."""
        from triage.store import actions

        assignee = clean(who, 200) if who else None
        actions.assign(self.database, ids, assignee or None, self._who, self._now())

    def mark_seen(self, issue_id: int) -> None:
        """The issue was looked at; not an action, cannot be undone."""
        from triage.store import actions

        actions.mark_seen(self.database, issue_id)

    def undo(self) -> str | None:
        """Undo the last local action that stands, whoever made it, and say what it was; None
        when there is nothing to undo. What changed again since is left alone, and counted."""
        from triage.store import actions

        return actions.undo(self.database, self._who, self._now())

    def history(self, issue_id: int) -> list[Activity]:
        """What happened to an issue and by whom, the newest first."""
        from triage.store import actions

        return actions.history(self.database, issue_id)

    def set_covered(self, issue_id: int, covered: bool | None) -> None:
        """Whether an existing test runs the issue's code path; None: not known."""
        value = None if covered is None else int(covered)
        if self.database.read("SELECT covered FROM issue WHERE id = ?", (issue_id,)) == [(value,)]:
            return
        with self.database.write() as transaction:
            bump(transaction)
            transaction.run("UPDATE issue SET covered = ? WHERE id = ?", (value, issue_id))

    # Drafts and what became of them

    def add_draft(
        self,
        issue_id: int,
        strategy: Strategy,
        path: str,
        source: str,
        test_name: str,
        *,
        parent: int | None = None,
        entry: str | None = None,
        note: str = "",
        model: str | None = None,
        prompt_hash: str | None = None,
        cost: float | None = None,
        seconds: float | None = None,
    ) -> Draft:
        """Keep one revision of a test. Raises NotFound for an unknown issue."""
        extra = {
            "parent": parent, "entry": entry, "note": note, "model": model, "prompt_hash": prompt_hash, "cost": cost,
            "seconds": seconds,
        }  # fmt: skip
        from triage.store import drafts

        return drafts.add_draft(self.database, self._now(), issue_id, strategy, path, source, test_name, extra)

    def drafts(self, issue_id: int) -> list[Draft]:
        """All revisions for an issue, oldest first, discarded ones among them."""
        from triage.store import drafts

        return drafts.drafts(self.database, issue_id)

    def draft(self, draft_id: int) -> Draft:
        """One draft. Raises NotFound."""
        from triage.store import drafts

        return drafts.draft(self.database, draft_id)

    def discard_draft(self, draft_id: int) -> None:
        """Put a draft aside; one undoable action. Raises NotFound."""
        from triage.store import drafts

        drafts.set_discarded(self.database, draft_id, True, self._who, self._now())

    def restore_draft(self, draft_id: int) -> None:
        """Take a discarded draft back; one undoable action. Raises NotFound."""
        from triage.store import drafts

        drafts.set_discarded(self.database, draft_id, False, self._who, self._now())

    def add_run(self, draft_id: int, side: Literal["before", "after"], result: RunResult) -> None:
        """Keep a judged run; of its output the last 200,000 characters. Raises NotFound."""
        from triage.store import drafts

        drafts.add_run(self.database, draft_id, side, result)

    def runs(self, draft_id: int) -> list[tuple[str, RunResult]]:
        """All runs of a draft with the side of the fix they were on, oldest first."""
        from triage.store import drafts

        return drafts.runs(self.database, draft_id)

    def set_stability(self, draft_id: int, runs: int, unstable: bool) -> None:
        """How many repetitions were made, and whether they disagreed. Raises NotFound."""
        from triage.store import drafts

        drafts.set_stability(self.database, draft_id, runs, unstable)

    def evidence(self, draft_id: int) -> Evidence:
        """The latest run of each side, and the stability. Raises NotFound."""
        from triage.store import drafts

        return drafts.evidence(self.database, draft_id)

    def add_publication(
        self,
        issue_id: int,
        draft_id: int,
        branch: str,
        commit: str,
        remote: str,
        number: int | None = None,
        url: str | None = None,
        text: str = "",
    ) -> Publication:
        """Keep what was pushed; a second call for the same issue and branch updates the first."""
        from triage.store import drafts

        return drafts.add_publication(
            self.database, self._clock(), self._who, issue_id, draft_id, branch, commit, remote, number, url, text
        )

    def publications(self, issue_id: int) -> list[Publication]:
        """An issue's publications, oldest first, withdrawn ones among them."""
        from triage.store import drafts

        return drafts.publications(self.database, issue_id)

    def publication(self, publication_id: int) -> Publication:
        """One publication. Raises NotFound."""
        from triage.store import drafts

        return drafts.publication(self.database, publication_id)

    def set_following(self, publication_id: int, seen: Following) -> tuple[str, ...]:
        """Keep how a pull request stands; what is new, a line each. Raises NotFound."""
        from triage.store import following

        return following.set_following(self.database, publication_id, seen)

    def unsettled(self, limit: int = 50) -> list[Publication]:
        """Pull requests that may still change, those not looked at for longest first."""
        from triage.store import following

        return following.unsettled(self.database, limit)

    def mark_undone(self, publication_id: int) -> None:
        """The branch is gone and the pull request closed. Raises NotFound."""
        from triage.store import drafts

        drafts.mark_undone(self.database, publication_id, self._who, self._now())

    # Reports, and what else is like an issue

    def add_report(self, issue_id: int, said: ReportText, source: str = "") -> Report:
        """Link what a customer said to an issue. Raises NotFound, BadInput."""
        from triage.store import reports

        return reports.add_report(self.database, self._now(), self._who, issue_id, said, source)

    def reports(self, issue_id: int | None = None, limit: int = 200) -> list[Report]:
        """The reports of an issue, or of all, the newest first."""
        from triage.store import reports

        return reports.reports(self.database, issue_id, limit)

    def remove_report(self, report_id: int) -> Report:
        """Take a report away again. Raises NotFound."""
        from triage.store import reports

        return reports.remove_report(self.database, self._now(), self._who, report_id)

    def same_function(self, issue: Issue, limit: int = 20) -> list[Issue]:
        """Other issues that crash in the same function."""
        from triage.store import similar

        return similar.same_function(self.database, issue, self._now(), limit)

    def same_type(self, issue: Issue, kind: str, limit: int = 20) -> list[Issue]:
        """Other issues with an error of this type in the same file."""
        from triage.store import similar

        return similar.same_type(self.database, issue, kind, self._now(), limit)

    def same_message(self, issue: Issue, limit: int = 20) -> list[Issue]:
        """Other issues with the same title."""
        from triage.store import similar

        return similar.same_message(self.database, issue, self._now(), limit)

    def occurrences(self, issue_id: int, most: int = 60) -> Occurrences:
        """An issue's events in at most `most` buckets of time, and its releases."""
        from triage.store import similar

        return similar.occurrences(self.database, issue_id, most)

    def _now(self) -> int:
        return to_micros(self._clock())

    def _wake(self) -> int:
        """End the snoozes that are over; the time now. A store that cannot be written right now
        keeps them (rows still read as unresolved) and the next query tries again."""
        now = self._now()
        due = f"issue{self.database.hint('issue_snoozed')} WHERE status = 'snoozed' AND snoozed_until <= ?"
        if self.database.read(f"SELECT 1 FROM {due} LIMIT 1", (now,)) and not self.database.read_only:
            try:
                from triage.store import actions

                actions.wake(self.database, now)
            except TriageError:
                return now
        return now

    def _raw_events(self, clause: str, parameters: Sequence[int | str]) -> list[RawEvent]:
        from triage.store.intake import decompress

        rows = self.database.read(
            "SELECT e.event_id, e.kind, p.raw, e.occurred_at, e.release, e.environment, e.source"
            f" FROM event e JOIN payload p ON p.id = e.id {clause}",
            parameters,
        )
        return [
            RawEvent(event_id, Kind(kind), decompress(raw), to_time(at), release, environment, source)
            for event_id, kind, raw, at, release, environment, source in rows
        ]


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "you"
