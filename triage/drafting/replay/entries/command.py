"""Entry: a command line: click and typer through their runner, anything else through `sys.argv`."""

import ast
import re
from collections.abc import Iterable
from functools import partial

from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Candidate, Dead
from triage.drafting.replay.entries import Site, direct
from triage.drafting.replay.stack.scene import Scene, StackFrame
from triage.drafting.replay.stack.views import FunctionNode
from triage.drafting.replay.world import files, twice

READS = re.compile(r"sys\.argv|parse_args\((?:argv|args|None)?\)|parse_known_args\((?:argv|args|None)?\)")


def sites(scene: Scene) -> Iterable[Site]:
    """With the command line in the event (the SDK sends `sys.argv`)."""
    words = command_line(scene)
    repo = scene.repo_frames
    if not words or not repo:
        return
    if any(
        frame.path.startswith(("click/", "typer/")) or frame.module.split(".")[0] in ("click", "typer")
        for frame in scene.frames
    ):
        yield Site("runner", 0.3, partial(by_runner, words=words))
        for rank, frame in enumerate(repo[:4]):
            if _is_command(frame):
                yield Site(f"command {frame.index}", 0.7 + rank * 0.3, partial(by_command, frame=frame, words=words))
    for rank, frame in readers(scene):
        yield Site(f"argv {frame.index}", 0.8 + rank * 0.3, partial(by_argv, frame=frame, words=words))


def readers(scene: Scene) -> Iterable[tuple[int, StackFrame]]:
    """The frames of the repo that read `sys.argv`, each with its place among the outermost."""
    for rank, frame in enumerate(scene.repo_frames[:4]):
        text = ast.unparse(frame.view.node) if frame.view.node is not None else ""
        module = "\n".join(frame.source.lines.values()) if rank == 0 and frame.name in ("main", "cli", "run") else ""
        if READS.search(text) or READS.search(module):
            yield rank, frame


def command_line(scene: Scene) -> list[str]:
    words = scene.event.extra.get("sys.argv")
    return [str(word) for word in words] if isinstance(words, list) else []


def by_runner(builder: Builder, words: list[str]) -> Candidate:
    """`CliRunner().invoke(command, [...], catch_exceptions=False)`."""
    places = builder.mined.commands()
    places = [place for place in places if builder.names.exists(place)]
    if not places:
        raise Dead("no click or typer command is found in the repo")
    place = builder.choices.pick("the command", [(0.5 * at, place) for at, place in enumerate(places[:6])])
    kind = str(builder.names.describe(place).get("type") or "")
    runner = "typer.testing:CliRunner" if kind.startswith("typer.") else "click.testing:CliRunner"
    frames = builder.scene.repo_frames
    first = next((frame for frame in frames if frame.name != "<module>"), frames[0])
    arguments = ast.List([_word(builder, first, word) for word in words[1:]])
    made = ast.Call(builder.name(runner), [], [])
    call = ast.Call(
        ast.Attribute(made, "invoke"),
        [builder.name(builder.names.public(place)), arguments],
        [ast.keyword("catch_exceptions", ast.Constant(False))],
    )
    twice.before(builder, call)
    return builder.finish(ast.Attribute(call, "exit_code"), f"{first.module}.{first.qualname}", "as a command line")


def _is_command(frame: StackFrame) -> bool:
    node = frame.view.node
    marks = [item.func if isinstance(item, ast.Call) else item for item in node.decorator_list] if node else []
    return not frame.view.nested and any(ast.unparse(item).rpartition(".")[2] == "command" for item in marks)


def by_command(builder: Builder, frame: StackFrame, words: list[str]) -> Candidate:
    """One click command of a group, with the object that its group would have handed to it."""
    node = frame.view.node
    assert node is not None
    place = f"{frame.module}:{node.name}"
    if not str(builder.names.describe(place).get("type") or "").startswith("click."):
        raise Dead(f"{node.name} is no click command")
    marks = {
        ast.unparse(item.func if isinstance(item, ast.Call) else item).rpartition(".")[2]: item
        for item in node.decorator_list
    }
    said = next((word for word in _names_of(node, marks["command"]) if word in words[1:]), None)
    if said is None:
        raise Dead(f"the command line does not name {node.name}")
    arguments = ast.List([_word(builder, frame, word) for word in words[words.index(said, 1) + 1 :]])
    keywords = [ast.keyword("catch_exceptions", ast.Constant(False))]
    if marks.keys() & {"pass_obj", "make_pass_decorator"} and frame.view.parameters:
        keywords.insert(0, ast.keyword("obj", builder.bind(frame, frame.view.parameters[0], "entry")))
    made = ast.Call(builder.name("click.testing:CliRunner"), [], [])
    call = ast.Call(ast.Attribute(made, "invoke"), [builder.name(place), arguments], keywords)
    return builder.finish(ast.Attribute(call, "exit_code"), f"{frame.module}.{frame.qualname}", "as a command")


def _names_of(node: FunctionNode, mark: ast.expr) -> list[str]:
    """What the command is called on the command line."""
    given = [item for item in mark.args if isinstance(item, ast.Constant)] if isinstance(mark, ast.Call) else []
    plain = node.name.replace("_", "-")
    return [str(item.value) for item in given] or [plain, plain.removesuffix("-command").removesuffix("-cmd")]


def by_argv(builder: Builder, frame: StackFrame, words: list[str]) -> Candidate:
    """The function that reads `sys.argv`, with the command line of production."""
    arguments = ast.List(
        [ast.Constant(words[0].rpartition("/")[2]), *(_word(builder, frame, word) for word in words[1:])]
    )
    setting = ast.Attribute(builder.fixture("monkeypatch"), "setattr")
    builder.add(ast.Expr(ast.Call(setting, [builder.import_module("sys"), ast.Constant("argv"), arguments], [])))
    return direct.build(builder, frame)


def _word(builder: Builder, frame: StackFrame, word: str) -> ast.expr:
    return files.options(builder, frame, word, f"argv {word}") if files.is_path(word) else ast.Constant(word)
