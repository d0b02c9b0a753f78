"""The repo's own pytest fixtures: which ones a new test can name, and what they give."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from triage.drafting.replay.stack.views import FunctionNode

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder
    from triage.drafting.replay.mining.mined import Mined

CLIENT = re.compile(r"\b(?:test_client|TestClient|AsyncClient|APIClient|AsyncAPIClient|Client|FlaskClient)\(")
SESSION = re.compile(r"session\w*\(|\.session$", re.IGNORECASE)
MOST_NEEDS = 6


@dataclass(frozen=True)
class RepoFixture:
    """`made` is the source of what it returns or yields, names of its own body resolved once; `text` its whole
    body. `waits`: it is asynchronous, or needs one that is."""

    name: str
    waits: bool
    made: str
    text: str
    annotation: str = ""


def conftests(root: Path, folder: str) -> list[str]:
    """The conftest files that hold for a test file in `folder`, outermost first."""
    found = []
    at = PurePosixPath("")
    for part in (".", *PurePosixPath(folder).parts):
        at = at / part
        file = root / at / "conftest.py"
        if file.is_file() and not file.is_symlink():
            found.append((at / "conftest.py").as_posix())
    return found


def read(mined: "Mined", files: list[str], answer: Mapping[str, object]) -> dict[str, RepoFixture]:
    """The fixtures of these files that the target's interpreter knows too (`answer` of the fork server)."""
    known = answer.get("fixtures")
    found: dict[str, RepoFixture] = {}
    for path in files:
        source = mined.source(mined.root / path)
        for node in ast.walk(source.tree) if source is not None and source.tree is not None else ():
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            name = _fixture_name(node)
            told = known.get(name) if isinstance(known, dict) and name else None
            if isinstance(told, dict):
                annotation = ast.unparse(node.returns) if node.returns else ""
                waits = _waits(name, known if isinstance(known, dict) else {})
                found[name] = RepoFixture(name, waits, _made(node), ast.unparse(node), annotation)
    return found


def _waits(name: str, known: Mapping[str, object], depth: int = 0) -> bool:
    told = known.get(name)
    if not isinstance(told, dict) or depth > MOST_NEEDS:
        return False
    return bool(told.get("async")) or any(_waits(str(item), known, depth + 1) for item in told.get("needs") or ())


def _fixture_name(node: FunctionNode) -> str:
    """The name that a test asks for, "" for a function that is no fixture."""
    for mark in node.decorator_list:
        called = mark.func if isinstance(mark, ast.Call) else mark
        if ast.unparse(called).rpartition(".")[2] != "fixture":
            continue
        for item in mark.keywords if isinstance(mark, ast.Call) else ():
            if item.arg == "name" and isinstance(item.value, ast.Constant):
                return str(item.value.value)
            if item.arg == "params":
                return ""
        return node.name
    return ""


def _made(node: FunctionNode) -> str:
    """The expression that the fixture gives; a name in it is looked up in its body."""
    given: ast.expr | None = None
    for part in ast.walk(node):
        if isinstance(part, ast.Return | ast.Yield) and part.value is not None:
            given = part.value
    if isinstance(given, ast.Name):
        for part in ast.walk(node):
            if isinstance(part, ast.Assign) and any(ast.unparse(item) == given.id for item in part.targets):
                return ast.unparse(part.value)
            if isinstance(part, ast.withitem) and part.optional_vars and ast.unparse(part.optional_vars) == given.id:
                return ast.unparse(part.context_expr)
    return ast.unparse(given) if given is not None else ""


def use(builder: "Builder", fixture: RepoFixture) -> ast.expr:
    """The fixture's name, asked for by the test; the test is a coroutine function where it has to be."""
    if fixture.waits:
        builder.is_async, builder.native = True, native_marker(builder)
    return builder.fixture(fixture.name)


def native_marker(builder: "Builder") -> str:
    """How the repo marks its asynchronous tests: a decorator, or "auto" where none is needed."""

    def look() -> str:
        files = [builder.mined.root / name for name in ("pyproject.toml", "pytest.ini", "setup.cfg", "tox.ini")]
        settings = "\n".join(builder.mined.text(file) for file in files)
        if re.search(r"asyncio_mode\s*=\s*['\"]?auto|anyio_mode\s*=\s*['\"]?auto", settings):
            return "auto"
        return "anyio" if builder.mined.mentions("mark.anyio") else "asyncio"

    return builder.mined.remembered("native tests", look)


def clients(builder: "Builder") -> list[RepoFixture]:
    """Fixtures that give a test client, the plainly named one first."""
    found = [item for item in builder.scene.fixtures.values() if CLIENT.search(item.made)]
    return sorted(found, key=lambda item: (item.name != "client", len(item.name)))


def sessions(builder: "Builder") -> list[RepoFixture]:
    """Fixtures that give a database session."""
    found = builder.scene.fixtures.values()
    named = [item for item in found if re.search(r"(^|_)(db|session)$|session", item.name)]
    return [item for item in named if SESSION.search(item.made) and not CLIENT.search(item.made)]
