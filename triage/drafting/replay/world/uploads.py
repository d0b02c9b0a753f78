"""Files of a request that was an upload: sent along with what the stack still holds of them."""

import ast
import re
from typing import TYPE_CHECKING

from triage.domain.event import Request
from triage.drafting.replay.stack import records
from triage.drafting.replay.stack.scene import StackFrame
from triage.drafting.replay.world import django_world

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder

_TAKEN = re.compile(r"\b(?:FILES|files)(?:\.get(?:list)?\(|\[)\s*['\"](\w+)['\"]")
# How Django, Werkzeug and Starlette print a file that was sent.
_NAMED = re.compile(
    r"UploadedFile: ([\w.@+ -]{1,80}?) \(|FileStorage: '([\w.@+ -]{1,80})'|filename='([\w.@+ -]{1,80})'"
)


def fields(builder: "Builder", request: Request) -> list[str]:
    """Names of the form's fields that held a file; none for a request that was no upload."""
    kind = next((value for name, value in request.headers if name.lower() == "content-type"), "")
    if not kind.startswith("multipart/form-data"):
        return []
    found = [name for name, value in request.body.items() if value == ""] if isinstance(request.body, dict) else []
    for frame in builder.scene.repo_frames:
        found += _TAKEN.findall(frame.text)
        node = frame.view.node
        arguments = [*node.args.args, *node.args.kwonlyargs] if node is not None else []
        found += [item.arg for item in arguments if item.annotation and "UploadFile" in ast.unparse(item.annotation)]
    return list(dict.fromkeys(name for name in found if name.isidentifier()))[:3]


def sent(builder: "Builder", request: Request, response: ast.expr) -> ast.expr:
    """The call of a test client with the files of the request put in, as its framework takes them."""
    names = fields(builder, request)
    call = response.value if isinstance(response, ast.Await) else response
    if not names or not isinstance(call, ast.Call):
        return response
    rest = dict(request.body) if isinstance(request.body, dict) else {}
    pairs: dict[str, ast.expr] = {name: ast.Constant(value) for name, value in rest.items() if name not in names}
    content = _content(builder)
    title = ast.Constant(_title(builder, content))
    call.keywords = [item for item in call.keywords if item.arg not in ("data", "json", "content", "headers")]
    if django_world.settings_of(builder):
        made: ast.expr = ast.Call(
            builder.name("django.core.files.uploadedfile:SimpleUploadedFile"), [title, content], []
        )
    elif builder.names.is_top("flask") and any("flask" in frame.path for frame in builder.scene.frames):
        made = ast.Tuple([ast.Call(builder.name("io:BytesIO"), [content], []), title], ast.Load())
    else:
        files = ast.Dict([ast.Constant(name) for name in names], [ast.Tuple([title, content], ast.Load())] * len(names))
        call.keywords.append(ast.keyword("files", files))
        made, names = files, []
    pairs |= dict.fromkeys(names, made)
    if pairs:
        data = ast.Dict([ast.Constant(name) for name in pairs], list(pairs.values()))
        call.keywords.append(ast.keyword("data", data))
    builder.notes.append("the file holds what the stack still shows of it")
    return response


def _content(builder: "Builder") -> ast.expr:
    """Bytes: the records that a reader had come to, or a text that some frame holds."""
    from triage.drafting.replay.building.opaque import content_options

    last = builder.scene.repo_frames[-1]
    options: list[tuple[float, ast.expr]] = [
        (0.1 * at, ast.Constant(text.encode())) for at, text in enumerate(records.contents(builder)[:4])
    ]
    options += [(cost + 0.2, node) for cost, node in content_options(builder, last, bytes) if node is not None]
    return builder.choices.pick("the file that was sent", [*options, (1.2, ast.Constant(b"x"))])


def _title(builder: "Builder", content: ast.expr) -> str:
    found = (_named(frame) for frame in builder.scene.frames)
    value = content.value if isinstance(content, ast.Constant) else b""
    plain = "upload.csv" if isinstance(value, bytes) and re.search(rb"[;,\t]", value) else "upload.txt"
    return next((name for name in found if name), plain)


def _named(frame: StackFrame) -> str:
    for wire in frame.variables.values():
        match = _NAMED.search(wire[:500]) if isinstance(wire, str) else None
        if match is not None:
            return next(part for part in match.groups() if part)
    return ""
