"""Finds the repo's tests that lie near a crash: the calls they make are ways in that are known to work."""

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack.scene import Scene, StackFrame
from triage.drafting.replay.stack.views import FunctionNode

MOST_FILES = 8
PER_FILE = 8
MOST_CALLS = 30
_ASKS = re.compile(
    r"^(self\.)?(assert\w*|fail|skip\w*|pytest\.\w+|mock\.\w+|print|len|repr|str|isinstance|list|dict|set|sorted|next)$"
)


def calls_near(scene: Scene, mined: Mined) -> list[tuple[StackFrame, ast.expr]]:
    """Calls made by test functions, those of the nearest files first, few of each."""
    found: list[tuple[StackFrame, ast.expr]] = []
    shapes: set[str] = set()
    for file, words in _files(scene, mined):
        count = 0
        for function in _tests(mined, file, words):
            for node in _calls(function):
                shape = _shape(node)
                if shape in shapes or count >= PER_FILE:
                    continue
                shapes.add(shape)
                count += 1
                source = mined.source(file)
                assert source is not None
                found.append((mined.frame_at(source, node.lineno), node))
    return found[:MOST_CALLS]


def _files(scene: Scene, mined: Mined) -> list[tuple[Path, Sequence[str]]]:
    """Test files with the words that tie them to the crash, most telling first."""
    words: dict[str, float] = {}
    for depth, frame in enumerate(reversed(scene.repo_frames)):
        weight = 1.0 / (1 + 0.3 * min(depth, 8))
        for word in (*frame.view.classes, frame.name.strip("_")):
            if len(word) > 3 and word not in ("init", "call", "getitem", "main", "lambda", "module"):
                words[word] = max(words.get(word, 0.0), weight * (1.5 if word in frame.view.classes else 1.0))
        stem = Path(frame.path).stem
        if len(stem) > 3 and stem != "__init__":
            words[stem] = max(words.get(stem, 0.0), weight * 0.8)
    ranked: list[tuple[float, Path, Sequence[str]]] = []
    for file in mined.files:
        if not mined.is_example(file):
            continue
        text = mined.text(file)
        met = [word for word in words if re.search(rf"\b{re.escape(word)}\b", text)]
        named = sum(2.0 for word in words if word.lower() in file.stem.lower())
        if met or named:
            ranked.append((-(sum(words[word] for word in met) + named), file, met))
    ranked.sort(key=lambda item: (item[0], len(item[1].parts), str(item[1])))
    return [(file, met) for _, file, met in ranked[:MOST_FILES]]


def _tests(mined: Mined, file: Path, words: Sequence[str]) -> Iterator[FunctionNode]:
    """Test functions of a file, those that use the words first."""
    source = mined.source(file)
    if source is None or source.tree is None:
        return
    functions = [
        node
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test")
    ]
    lines = mined.text(file).split("\n")

    def telling(node: FunctionNode) -> tuple[int, int]:
        text = "\n".join(lines[node.lineno - 1 : node.end_lineno])
        return -sum(word in text for word in words), node.end_lineno or 0

    yield from sorted(functions, key=telling)[:24]


def _calls(function: FunctionNode) -> Iterator[ast.Call]:
    """The outermost calls that a test makes: what it asserts on, what it assigns, what it just calls."""
    found: list[ast.Call] = []
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            found += _outermost(node.test)
        elif isinstance(node, ast.Assign | ast.Expr | ast.Return) and node.value is not None:
            found += _outermost(node.value)
        elif isinstance(node, ast.With):
            found += [item for each in node.items for item in _outermost(each.context_expr)]
    yield from reversed(found)


def _outermost(node: ast.expr) -> list[ast.Call]:
    """Calls in an expression that are no question of the test itself; of those, their arguments' calls."""
    if isinstance(node, ast.Call):
        if not _ASKS.match(ast.unparse(node.func)):
            return [node]
        return [call for item in (*node.args, *(key.value for key in node.keywords)) for call in _outermost(item)]
    if isinstance(node, ast.Attribute | ast.Subscript | ast.UnaryOp | ast.Await):
        inner = node.operand if isinstance(node, ast.UnaryOp) else node.value
        return _outermost(inner)
    if isinstance(node, ast.Compare):
        return [call for item in (node.left, *node.comparators) for call in _outermost(item)]
    if isinstance(node, ast.BoolOp):
        return [call for item in node.values for call in _outermost(item)]
    return []


def _shape(node: ast.Call) -> str:
    """The call without its literals: one of each shape is enough, its values are changed later."""
    return re.sub(r"'[^']*'|\"[^\"]*\"|\b\d[\d.]*\b", "_", ast.unparse(node))[:200]
