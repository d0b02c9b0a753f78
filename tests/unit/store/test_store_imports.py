"""Opening a store and reading a page costs no heavy import: it is on the way to the first paint."""

import os
import subprocess
import sys
from pathlib import Path

from triage.store import open_store

ROOT = Path(__file__).resolve().parents[3]

SCRIPT = """
import sys
from triage.domain.issue import IssueQuery
from triage.store import open_store
store = open_store(sys.argv[1])
query = IssueQuery()
store.page(query, 50), store.count(query), store.last_page(query, 50), store.page(IssueQuery(text="x"), 5)
store.change_token()
store.close()
HEAVY = {"sqlmodel", "sqlalchemy", "alembic", "pydantic", "zstandard", "msgspec", "psycopg", "hypothesis"}
print(sorted(HEAVY & {name.split(".")[0] for name in sys.modules}))
outside = {name.split(".")[0] for name in sys.modules} - set(sys.stdlib_module_names) - {"triage", "__main__"}
print(sorted(name for name in outside if not name.startswith(("_", "sitecustomize"))))
"""


def test_reading_imports_the_standard_library_only(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    open_store(str(path)).close()
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-S", "-c", SCRIPT, str(path)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.stdout.splitlines() == ["[]", "[]"], done
        # The second round creates the file: that is cheap as well.
        path.unlink()
