"""Paths of the event made real: a temporary folder in their place, their content where it was captured."""

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from triage.drafting.replay.captured.text import bytes_of
from triage.drafting.replay.stack import records
from triage.drafting.replay.stack.reprs import read_repr
from triage.drafting.replay.stack.scene import StackFrame
from triage.drafting.replay.world.contents import written
from triage.drafting.replay.world.folders import laid

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder

_PATH = re.compile(r"(?:/[\w.@+~ -]+){2,}/?|[A-Za-z]:\\[\w.\\ -]+", re.ASCII)
_KINDS = (
    "csv|tsv|json|jsonl|geojson|txt|ya?ml|toml|xml|ini|cfg|conf|env|properties|plist|lock|log|out|md|rst|tex|bib|html?|"
    "css|js|ts|rss|atom|svg|pdf|epub|py|pyi|ipynb|sql|j2|jinja2?|tmpl|tpl|mako|po|pot|mo|ics|vcf|eml|dat|bin|pkl|"
    "pickle|db|sqlite3?|zip|gz|tgz|tar|bz2|xz|7z|rar|whl|xlsx?|docx?|pptx?|ods|odt|png|jpe?g|gif|webp|bmp|tiff?|ico|"
    "wav|mp3|flac|ogg|m4a|mp4|ttf|otf|pem|crt|key|pid|npy|npz|parquet|patch|diff"
)
_RELATIVE = re.compile(rf"(?:[\w.-]+/)*[\w.-]+\.(?:{_KINDS})", re.ASCII | re.IGNORECASE)
_HELD = re.compile(r"(?:Posix|Pure|PurePosix)?(?:Path\()?'([^'\\]{1,280})'\)?", re.ASCII)
_TEMPORARY = re.compile(r"^(/private)?(/var/folders/|/tmp/|/var/tmp/|/dev/shm/)")


def is_path(text: str) -> bool:
    """Whether a captured text looks like the path of a file or an absolute path of a folder."""
    if len(text) >= 300 or "\n" in text or text.startswith("//"):
        return False
    return bool(_PATH.fullmatch(text) or _RELATIVE.fullmatch(text))


def options(builder: "Builder", frame: StackFrame, text: str, key: str) -> ast.expr:
    """The path as it was, or one below `tmp_path` with the content that was captured for it."""
    held = records.contents(builder) or recorded(builder, PurePosixPath(text).name)
    temporary = bool(_TEMPORARY.match(text) or ("." in text[-6:] and held))
    choice = builder.choices.pick(
        f"path {text}", [(0.6 if temporary else 0.0, "as it was"), (0.0 if temporary else 2.0, "temporary")]
    )
    if choice == "as it was":
        return ast.Constant(text)
    return below_tmp_path(builder, frame, text)


def below_tmp_path(builder: "Builder", frame: StackFrame, text: str) -> ast.expr:
    """`str(tmp_path / "name")`, the file written first when its content is known."""
    known = ("file", text)
    if known in builder.bound:
        return builder.bound[known]
    folder = builder.fixture("tmp_path")
    path = PurePosixPath(text.replace("\\", "/"))
    if "." not in path.name or text.endswith("/"):
        place: ast.expr = folder
        content: ast.expr | None = None
        _fill(builder, folder, text.rstrip("/"))
    else:
        place = ast.BinOp(folder, ast.Div(), ast.Constant(path.name))
        content = builder.choices.pick(f"content of {path.name}", contents(builder, frame, path.name))
    if content is not None:
        variable = builder.assign(re.sub(r"\W", "_", path.stem) or "file", place, keep=True)
        builder.add(_write(variable, content))
        place = variable
    made = ast.Call(ast.Name("str"), [place], [])
    builder.bound[known] = made
    return made


def _fill(builder: "Builder", folder: ast.expr, text: str) -> None:
    """Write the files below the folder at `text` that the stack's functions had come to."""
    known = builder.mined.remembered(f"laid in {text}", lambda: laid(builder.scene, text))
    if known and not builder.choices.pick(f"what lies in {text}", [(0.0, True), (0.8, False)]):
        known = {}
    for path, content in known.items():
        _lay_down(builder, folder, PurePosixPath(path), content)
    for frame, held in reached(builder):
        if held.startswith(f"{text}/") and held[len(text) + 1 :] not in known:
            lay(builder, frame, folder, held[len(text) + 1 :])


def _lay_down(builder: "Builder", folder: ast.expr, path: PurePosixPath, content: "str | bytes | None") -> None:
    """One file, or an empty folder, below `folder`."""
    place: ast.expr = folder
    for part in path.parts if content is None else path.parts[:-1]:
        place = ast.BinOp(place, ast.Div(), ast.Constant(part))
    if place is not folder:
        made = [ast.keyword("parents", ast.Constant(True)), ast.keyword("exist_ok", ast.Constant(True))]
        builder.add(ast.Expr(ast.Call(ast.Attribute(place, "mkdir"), [], made)))
    if content is not None:
        builder.add(_write(ast.BinOp(place, ast.Div(), ast.Constant(path.name)), ast.Constant(content)))


def lay_relative(builder: "Builder") -> None:
    """The files that the stack's functions had come to by a relative path, in a temporary working directory."""
    held = [(frame, text) for frame, text in reached(builder) if not _is_absolute(text)]
    if not held or not records.contents(builder):
        return
    if not builder.choices.pick("files by relative paths", [(0.2, False), (0.3, True)]):
        return
    folder = builder.fixture("tmp_path")
    for frame, text in held:
        lay(builder, frame, folder, text)
    move = ast.Attribute(builder.fixture("monkeypatch"), "chdir")
    builder.add(ast.Expr(ast.Call(move, [folder], [])))


def lay(builder: "Builder", frame: StackFrame, folder: ast.expr, relative: str) -> None:
    """Write one file below `folder` with the content that the stack tells, if any."""
    path = PurePosixPath(relative)
    if ".." in path.parts or path.is_absolute():
        return
    content = builder.choices.pick(f"content of {path.name}", contents(builder, frame, path.name))
    if content is None:
        return
    if isinstance(content, ast.Constant) and isinstance(content.value, str | bytes):
        _lay_down(builder, folder, path, content.value)


def _write(file: ast.expr, content: ast.expr) -> ast.stmt:
    if isinstance(content, ast.Constant) and isinstance(content.value, bytes):
        return ast.Expr(ast.Call(ast.Attribute(file, "write_bytes"), [content], []))
    encoding = [ast.keyword("encoding", ast.Constant("utf-8"))]
    return ast.Expr(ast.Call(ast.Attribute(file, "write_text"), [content], encoding))


def reached(builder: "Builder") -> list[tuple[StackFrame, str]]:
    """(frame, path) of files that local variables of the repo's functions name: not parameters, those the call has."""
    return builder.mined.remembered("files reached", lambda: list(_reached(builder)))


def _reached(builder: "Builder") -> Iterator[tuple[StackFrame, str]]:
    seen: set[str] = set()
    for frame in builder.scene.repo_frames:
        for label, wire in frame.variables.items():
            match = _HELD.fullmatch(wire) if isinstance(wire, str) and label not in frame.view.parameters else None
            if match is None or match[1] in seen or "." not in PurePosixPath(match[1]).name:
                continue
            if is_path(match[1]):
                seen.add(match[1])
                yield frame, match[1]


def _is_absolute(text: str) -> bool:
    return text.startswith("/") or "\\" in text


def recorded(builder: "Builder", name: str) -> "list[str | bytes]":
    """What our capture hook read of the files of that name that the code had open, or had read and closed."""
    return builder.mined.remembered(f"recorded of {name}", lambda: list(_recorded(builder, name)))


def _recorded(builder: "Builder", name: str) -> "Iterator[str | bytes]":
    capture = builder.scene.event.capture
    for node in capture.objects if capture is not None else ():
        if not isinstance(node, list) or len(node) < 6 or node[0] != "file" or not isinstance(node[2], str):
            continue
        content = node[5]
        if PurePosixPath(node[2].replace("\\", "/")).name != name or not isinstance(content, list):
            continue
        try:
            raw = bytes_of(content)
        except (ValueError, TypeError, IndexError):
            continue
        try:
            yield raw.decode("utf-8")
        except UnicodeDecodeError:
            yield raw


def contents(builder: "Builder", frame: StackFrame, name: str) -> list[tuple[float, ast.expr | None]]:
    """What the file may have held: captured under its name, captured beside it, nothing, no file at all."""
    from triage.drafting.replay.building.opaque import CONTENT_NAMES

    found: list[tuple[float, ast.expr | None]] = [(1.5, None), (2.0, ast.Constant(""))]
    found += [(0.0, ast.Constant(content)) for content in recorded(builder, name)]
    told = builder.mined.remembered(f"written to {name}", lambda: written(builder.scene, name))
    found += [(0.05 * at, ast.Constant(content)) for at, content in enumerate(told[:4])]
    found += [(0.1 + 0.1 * at, ast.Constant(text)) for at, text in enumerate(records.contents(builder)[:4])]
    seen: set[str] = set()
    for distance, other in enumerate(sorted(builder.scene.frames, key=lambda item: abs(item.index - frame.index))):
        for label, wire in other.variables.items():
            pairs = wire.items() if isinstance(wire, dict) else [(label, wire)]
            for inner, value in pairs:
                if not isinstance(value, str) or value in seen:
                    continue
                read = read_repr(value)
                if (
                    read is None
                    or not isinstance(read.tree, ast.Constant)
                    or not isinstance(read.tree.value, str | bytes)
                ):
                    continue
                text = read.tree.value
                if isinstance(text, str) and is_path(text):
                    continue
                named = inner == name or inner.endswith("/" + name)
                if not (named or label in CONTENT_NAMES or len(text) >= 20) or len(found) > 10:
                    continue
                seen.add(value)
                cost = 0.0 if named else (0.3 if label in CONTENT_NAMES else 0.8) + 0.1 * distance
                found.append((cost, ast.Constant(text)))
    return found
