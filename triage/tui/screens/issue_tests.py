"""What can be done with a covering test on the issue screen: run it, open it, take its style."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on

from triage.errors import TriageError
from triage.tui.issue_facts import DraftKey, IssueKey, TestKey
from triage.tui.issue_tabs import PLACE
from triage.tui.messages import JobCancelled, JobFailed, JobFinished, ReviewRequested
from triage.tui.screens.issue_reading import IssueReading
from triage.tui.screens.one_test import LABEL, RUN, OneTestScreen
from triage.tui.widgets.cursor_view import CursorView

if TYPE_CHECKING:
    from triage.services.source_text import SourceText


class IssueTests(IssueReading):
    """The rows of the tabs, opened; the tests among them, run and taken as a model."""

    @on(CursorView.Opened, "#facts")
    def _fact_opened(self) -> None:
        match self.facts_view.key:
            case DraftKey(id=draft_id):
                self.post_message(ReviewRequested(self.issue_id, draft_id))
            case TestKey(node_id=node_id):
                self.soon(lambda: self._show_test(node_id), "source")
            case IssueKey(id=issue_id):
                self.triage.open_issue(issue_id)
            case _:
                pass

    async def _show_test(self, node_id: str) -> None:
        """The test in the source panel."""
        workspace = self.triage.workspace

        def read() -> SourceText:
            from triage.services.source_text import open_test

            return asyncio.run(open_test(workspace, node_id))

        self.show_test(await self.files.run(read), node_id)

    def do_run_test(self) -> None:
        """Run a test of the repo; its output streams on a screen of its own."""
        node_id = self.chosen_test
        if node_id:
            self.app.push_screen(OneTestScreen(node_id, self))

    def test_ended(self, node_id: str, outcome: str) -> None:
        """How a test goes, in a word or two: stays beside it."""
        if self.facts is not None:
            self.know(ran=tuple({**dict(self.facts.ran), node_id: outcome}.items()))

    # A run whose screen was left tells this one how it ended.

    def on_job_finished(self, message: JobFinished) -> None:
        from triage.services.run_test import TestRan

        if message.job.kind == RUN and isinstance(message.result, TestRan):
            self.test_ended(message.result.node_id, message.result.word)
            self.say(f"{message.result.node_id} {message.result.in_words}", message.result.outcome != "passed")

    def on_job_failed(self, message: JobFailed) -> None:
        if message.job.kind == RUN:
            self.test_ended(message.job.label.removeprefix(LABEL), "did not run")

    def on_job_cancelled(self, message: JobCancelled) -> None:
        if message.job.kind == RUN:
            self.test_ended(message.job.label.removeprefix(LABEL), "stopped")

    def do_style(self) -> None:
        """Take a test as the model for the style of the next draft; again: not any more."""
        node_id = self.chosen_test
        styles = self.triage.workspace.styles
        if styles.get(self.issue_id) == node_id:
            del styles[self.issue_id]
            self.say("the next draft takes the style of the nearest test again")
        else:
            styles[self.issue_id] = node_id
            self.say(f"the next draft takes its style from {node_id}")
        self.know(model=styles.get(self.issue_id, ""))

    async def do_edit(self) -> None:
        """The test under the cursor, or the frame's line, in $EDITOR."""
        key = self.facts_view.key
        repo = self.triage.workspace.repo
        if self.focused is self.facts_view and self.tab == PLACE["tests"] and isinstance(key, TestKey):
            await self._edit_test(key.node_id)
        elif self.test_shown:
            await self._edit(repo / self.test_shown.partition("::")[0], self.source.number)
        else:
            located = self.located
            if located is None or located.path is None:
                return
            number = self.source.number if self.focused is self.source and self.text is not None else None
            if number is not None and self.text is not None and self.text.side.value == "release":
                number = self.text.elsewhere(number)
            path = located.head_path or located.path
            await self._edit(repo / path, number or located.head_line or located.release_line)

    async def _edit_test(self, node_id: str) -> None:
        workspace = self.triage.workspace

        def find() -> int | None:
            from triage.services.source_text import open_test

            try:
                return asyncio.run(open_test(workspace, node_id)).line
            except TriageError:  # not committed: the file may be there all the same
                return None

        line = await self.files.run(find)
        await self._edit(workspace.repo / node_id.partition("::")[0], line)

    async def _edit(self, path: Path, line: int | None) -> None:
        from triage.tui.editor import open_file

        if not self._present(path):
            return
        await open_file(self.triage, path, line or 1)
        self.load()

    def _present(self, path: Path) -> bool:
        if not path.is_file():
            self.say("this file is not in the working tree", warning=True)
            return False
        return True

    def load(self) -> None:
        """Lay the event on the checkout again."""
        raise NotImplementedError
