"""Build the coverage index that says which tests run which line."""

from collections.abc import AsyncIterator

from triage.services.steps import Finished, Output, Step
from triage.services.workspace import Workspace


async def build_index(workspace: Workspace) -> AsyncIterator[Step | Output | Finished]:
    """Run the repo's suite once with a context per test. Raises TriageError when the suite
    cannot run or a test's context was lost."""
    from triage.codebase import coverage_index

    interpreter = await workspace.interpreter()
    yield Step("running the test suite once, with a coverage context per test")
    last = ""
    async for item in coverage_index.build_index(workspace.repo, interpreter, workspace.config.tests):
        if item.output:
            yield Output(item.output)
        if item.text:
            last = item.text
            yield Step(item.text)
    yield Finished(last or "index built")
