"""What the inbox lists: view, filter, order and groups, and the keys that change them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from textual.timer import Timer

from triage.domain.issue import GROUPS, SORTS, IssueQuery, Status
from triage.tui.screens.inbox_base import InboxPart

if TYPE_CHECKING:
    from triage.domain.filter_words import Known
    from triage.domain.query import Mistake
    from triage.domain.views import View
    from triage.tui.widgets.filter_line import FilterBox

TYPING = 0.08
ORDERS = (*SORTS, *GROUPS)


class InboxQuery(InboxPart):
    """The actions that choose what is listed, and the query they make together."""

    view: int = 0
    filter: str = ""
    sort: str | None = None
    group: str | None = None
    mistakes: tuple[Mistake, ...] = ()
    known: Known | None = None
    _views: tuple[View, ...] | None = None
    _typing: Timer | None = None
    _filter_box: FilterBox | None = None

    @property
    def views(self) -> tuple[View, ...]:
        """The presets and the user's own."""
        if self._views is None:
            from triage.domain.views import views_of

            self._views = views_of(self.triage.workspace.config.views)
        return self._views

    @property
    def view_name(self) -> str:
        """The name of the view that is listed."""
        return self.views[self.view].name

    def query_now(self) -> IssueQuery:
        """View, order and filter as one query."""
        base = self._base()
        if self.sort is not None:
            base = dataclasses.replace(base, sort=self.sort)
        if self.group is not None:
            base = dataclasses.replace(base, group=self.group)
        if not self.filter:
            self.mistakes = ()
            return base
        from triage.domain.query import parse

        parsed = parse(self.filter, base, self.triage.me, self.known)
        self.mistakes = parsed.mistakes
        return parsed.query

    def _base(self) -> IssueQuery:
        if not self.view and "unresolved" not in self.triage.workspace.config.views:
            return IssueQuery(status=Status.UNRESOLVED)  # what the first paint shows needs no parser
        return self.views[self.view].parsed(self.triage.me, self.known).query

    # -- the filter line

    async def do_filter(self) -> None:
        if self._filter_box is None:
            from triage.tui.widgets.filter_line import FilterBox

            self._filter_box = FilterBox()
            await self.query_one("#left").mount(self._filter_box, before=0)
        self._filter_box.open()
        self.soon(self._learn, "learn")

    async def _learn(self) -> None:
        """Which releases, services and owners there are."""
        from triage.services.tend import known_values

        workspace = self.triage.workspace
        self.known = await self.triage.lane.run(lambda: known_values(workspace))
        if self._filter_box is not None:
            self._filter_box.offer()

    def filter_typed(self, text: str) -> None:
        """The filter line reads `text` now; asks the store when typing pauses."""
        self.filter = text
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(TYPING, self.ask_again)

    def filter_done(self) -> None:
        """Back to the list; the filter stays."""
        if self._filter_box is not None:
            self._filter_box.close(keep=bool(self.filter))
        (self.issues if self.issues.display else self.empty).focus()
        if self._typing is not None:  # what was typed last has not been asked yet
            self._typing.stop()
            self.ask_again()
        self.query_now()
        if self.mistakes:
            self.say(self.mistakes[0].text, warning=True)

    def clear_filter(self) -> None:
        """No filter, and back to the list."""
        if self._filter_box is not None:
            self._filter_box.line.value = ""
        self.filter = ""
        self.filter_done()
        self.ask_again()

    def ask_again(self) -> None:
        """List from the start what is asked for now."""
        self._typing = None
        self.issues.marked.clear()
        self.soon(lambda: self.reload(), "reload")

    # -- views

    def do_next_view(self) -> None:
        self._turn((self.view + 1) % len(self.views))

    def do_previous_view(self) -> None:
        self._turn((self.view - 1) % len(self.views))

    def _turn(self, place: int) -> None:
        self.view = place
        if self.views[place].own:
            self.sort = self.group = None  # what the view says of them holds
        if any(word in self.views[place].line for word in ("release:", "service:", "assigned:")) and self.known is None:
            self.soon(self._learn_then_ask, "reload")
        else:
            self.ask_again()

    async def _learn_then_ask(self) -> None:
        await self._learn()
        self.issues.marked.clear()
        await self.reload()

    def do_choose_view(self) -> None:
        from triage.tui.screens.choose import Choice, ChoiceSheet

        choices = [
            Choice(view.name, view.name, view.line, at == self.view)
            for at, view in enumerate(self.views)
        ]  # fmt: skip
        self.app.push_screen(ChoiceSheet("View", choices), self._view_chosen)

    def _view_chosen(self, name: str | None) -> None:
        for place, view in enumerate(self.views):
            if view.name == name:
                self._turn(place)

    def extras(self) -> dict[str, str]:
        """The views, for the palette."""
        return {f"view:{view.name}": f"View {view.name}: {view.line}" for view in self.views}

    def do_extra(self, name: str) -> None:
        self._view_chosen(name.removeprefix("view:"))

    # -- order and groups

    def do_sort(self) -> None:
        from triage.domain.filter_words import SORTED_BY
        from triage.tui.screens.choose import Choice, ChoiceSheet

        here = self.query_now().sort
        choices = [Choice(sort, sort.replace("_", " "), SORTED_BY[sort], sort == here) for sort in ORDERS]
        self.app.push_screen(ChoiceSheet("Sort by", choices), self._sort_chosen)

    def _heading_clicked(self, column: str) -> None:
        from triage.tui.columns import SORT_OF, UNSORTED

        if column in SORT_OF:
            self._sort_chosen(SORT_OF[column])
        else:
            self.say(UNSORTED[column], warning=True)

    def _sort_chosen(self, sort: str | None) -> None:
        if sort is not None:
            self.sort = sort
            self.ask_again()
            self.say(f"sorted by {sort.replace('_', ' ')}")

    def do_group(self) -> None:
        from triage.tui.screens.choose import Choice, ChoiceSheet

        here = self.query_now().group
        meanings = {"release": "the release they were first seen in", "level": "fatal to debug"}
        choices = [Choice("", "none", "one list", here == "")]
        choices += [Choice(group, group, meanings.get(group, ""), here == group) for group in GROUPS]
        self.app.push_screen(ChoiceSheet("Group by", choices), self._group_chosen)

    def _group_chosen(self, group: str | None) -> None:
        if group is not None:
            self.group = group
            self.ask_again()
            self.say(f"grouped by {group}: enter folds a group, F all of them" if group else "one list")

    def do_fold(self) -> None:
        if self.query_now().group:
            self.issues.fold_all()
        else:
            self.say("not grouped: B groups by service, release, owner or level", warning=True)

    def do_next_group(self) -> None:
        self._to_group(1)

    def do_previous_group(self) -> None:
        self._to_group(-1)

    def _to_group(self, step: int) -> None:
        if not self.issues.to_group(step):
            self.say("not grouped: B groups by service, release, owner or level", warning=True)
