"""What may be imported before the first rows are on screen, seen from a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

HEAVY = {
    "sqlmodel",
    "sqlalchemy",
    "alembic",
    "httpx",
    "httpcore",
    "pydantic",
    "anthropic",
    "msgspec",
    "starlette",
    "uvicorn",
    "pygments",
    "tree_sitter",
    "keyring",
    "sentry_sdk",
    "coverage",
    "git",
}
LATER = {"triage.domain.verdict", "triage.store.drafts", "triage.services.follow"}
"""Ours, for what comes after the list: together they take a tenth of the time to the first rows."""

FIRST_PAINT = """
import json, sys, asyncio
from pathlib import Path
from triage.config import Config
from triage.services.workspace import Workspace
from triage.tui.app import TriageApp
from triage.tui.screens.inbox import InboxScreen

seen = []
TriageApp.on_ready = lambda app: seen.extend(sys.modules)
folder = Path(sys.argv[1])
app = TriageApp(Workspace.open(Config(repo=folder, store=f"sqlite:///{folder / 'x.db'}")), start_ingest=False)

async def main():
    async with app.run_test() as pilot:
        await pilot.pause()

asyncio.run(main())
print(json.dumps(sorted(seen)))
"""


def test_nothing_heavy_is_imported_before_the_first_paint(tmp_path: Path) -> None:
    from triage.store import open_store

    open_store(f"sqlite:///{tmp_path / 'x.db'}").close()  # made before: creating one may take longer
    done = subprocess.run(
        [sys.executable, "-c", FIRST_PAINT, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert not {name.partition(".")[0] for name in loaded} & HEAVY
    assert not loaded & LATER


def test_the_domain_does_not_know_the_screen() -> None:
    code = "import sys, triage.domain.query; sys.exit(any(name.startswith('textual') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
