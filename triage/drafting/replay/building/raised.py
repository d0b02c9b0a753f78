"""Makes an exception again from its type and message, also those that want more than a message."""

import ast
import re
from typing import TYPE_CHECKING

from triage.domain.event import Raised
from triage.drafting.replay.building import objects
from triage.drafting.replay.stack.reprs import read_repr

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder
    from triage.drafting.replay.stack.scene import StackFrame

_ERRNO = re.compile(r"\[Errno (-?\d+)\] ([^:]*)(?:: (.*))?$", re.DOTALL)
# Base class (its last name), the message it prints, and the arguments that make it print that:
# `$n` is a group of the message as text, `#n` as a number, `=n` as the literal it is; {doc} what was being decoded.
RECIPES: tuple[tuple[str, str, str], ...] = (
    ("JSONDecodeError", r"(.*): line \d+ column \d+ \(char (\d+)\)", "$1, {doc}, #2"),
    (
        "UnicodeDecodeError",
        r"'([\w-]+)' codec can't decode byte (0x\w\w) in position (\d+): (.*)",
        "$1, bytes([int($2, 16)]), 0, 1, $4",
    ),
    ("CalledProcessError", r"Command '(.*)' returned non-zero exit status (-?\d+)\.?", "#2, $1"),
    ("CalledProcessError", r"Command '(.*)' died with .*", "-9, $1"),
    ("TimeoutExpired", r"Command '(.*)' timed out after ([\d.]+) seconds", "$1, =2"),
    ("ClientError", r"An error occurred \((\w+)\) when calling the (\w+) operation.*?: (.*)",
     "{'Error': {'Code': $1, 'Message': $3}}, $2"),
    ("urllib.error.HTTPError", r"HTTP Error (\d+): (.*)", "'https://example.org/', #1, $2, None, None"),
    ("SMTPResponseException", r"\((\d+), b?'(.*)'\)", "#1, $2"),
    ("SMTPRecipientsRefused", r"(\{.*\})", "=1"),
    ("SMTPSenderRefused", r"\((\d+), b?'(.*)', '(.*)'\)", "#1, $2, $3"),
    ("sqlalchemy.exc.DBAPIError", r"(?s)\([\w.]+\) ([^\n]*).*", "'', {}, Exception($1)"),
    ("aiohttp.client_exceptions.ClientResponseError", r"(\d+), message='(.*?)'.*", "None, (), status=#1, message=$2"),
)  # fmt: skip


def exception(builder: "Builder", crash: "StackFrame", raised: Raised) -> ast.expr:
    """An expression that makes the exception with its message. Raises Dead where its class is not found."""
    path = objects.class_path(builder, crash, raised.qualified)
    message = raised.value
    found = builder.names.describe(path)
    mro = [str(item) for item in found.get("mro") or ()]
    made = builder.name(builder.names.public(path)) if not path.startswith("builtins:") else ast.Name(raised.type)
    recipe = _by_recipe(builder, made, mro, message)
    required = [item for item in found.get("parameters") or () if _is_required(item)]
    options: list[tuple[float, str]] = [(0.3 if len(required) < 2 else 1.4, "message"), (1.0, "parameters")]
    errno = _ERRNO.match(message)
    if errno and "OSError" in mro:
        options.append((0.0, "errno"))
    if recipe is not None:
        options.append((0.0, "recipe"))
    if not message:
        options.append((0.1, "bare"))
    how = builder.choices.pick("how the error is made", options)
    if how == "recipe" and recipe is not None:
        return recipe
    if how == "errno" and errno:
        return ast.Call(made, _errno_arguments(errno), [])
    if how == "bare":
        return ast.Call(made, [], [])
    if how == "message":
        return ast.Call(made, [ast.Constant(message)], [])
    return _by_parameters(made, required, message)


def _errno_arguments(errno: "re.Match[str]") -> list[ast.expr]:
    parts: list[ast.expr] = [ast.Constant(int(errno[1])), ast.Constant(errno[2])]
    file = read_repr(errno[3]) if errno[3] else None
    if file is not None and isinstance(file.tree, ast.Constant):
        parts.append(file.tree)
    return parts


def _is_required(item: dict[str, object]) -> bool:
    return item.get("default") is None and item.get("kind") not in ("VAR_POSITIONAL", "VAR_KEYWORD")


def _by_recipe(builder: "Builder", made: ast.expr, mro: list[str], message: str) -> ast.expr | None:
    for base, pattern, arguments in RECIPES:
        fits = any(item == base or ("." not in base and item.rpartition(".")[2] == base) for item in mro)
        match = re.fullmatch(pattern, message, re.DOTALL) if fits else None
        if match is None:
            continue
        text = re.sub(r"\$(\d)", lambda found, match=match: repr(match[int(found[1])] or ""), arguments)  # type: ignore[misc]
        text = re.sub(r"#(\d)", lambda found, match=match: str(int(match[int(found[1])])), text)  # type: ignore[misc]
        text = re.sub(r"=(\d)(?!\d)", lambda found, match=match: _literal(match[int(found[1])]), text)  # type: ignore[misc]
        text = text.replace("{doc}", repr(document(builder)))
        call = ast.parse(f"error({text})", mode="eval").body
        assert isinstance(call, ast.Call)
        return ast.Call(made, call.args, call.keywords)
    return None


def _literal(text: str) -> str:
    read = read_repr(text)
    return ast.unparse(read.tree) if read is not None and read.is_literal else repr(text)


def document(builder: "Builder") -> str:
    """The text that a decoder below the crash was given, as far as it was captured."""
    for frame in reversed(builder.scene.frames):
        for name in ("s", "doc", "text", "string", "content"):
            read = read_repr(wire) if isinstance(wire := frame.variables.get(name), str) else None
            if read is not None and isinstance(read.tree, ast.Constant) and isinstance(read.tree.value, str):
                return read.tree.value
    return ""


def _by_parameters(made: ast.expr, required: list[dict[str, object]], message: str) -> ast.expr:
    arguments: list[ast.expr] = []
    keywords: list[ast.keyword] = []
    for item in required:
        name = str(item.get("name"))
        plain: ast.expr = ast.Constant(
            message if not arguments and not keywords else 0 if name in ("pos", "code", "errno") else None
        )
        if name in ("doc", "object", "response_text"):
            plain = ast.Constant("")
        if item.get("kind") == "KEYWORD_ONLY":
            keywords.append(ast.keyword(name, plain))
        else:
            arguments.append(plain)
    return ast.Call(made, arguments, keywords)
