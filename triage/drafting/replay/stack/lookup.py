"""Finds what a global name of some frame's source stands for, and the import that brings it."""

import ast
import builtins
import itertools
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from triage.drafting.replay.building import made_up, values
from triage.drafting.replay.candidate import Dead
from triage.drafting.replay.stack import flow, handed
from triage.drafting.replay.stack.safe import ALIASES, KNOWN, UNSAFE_BUILTINS, is_stdlib, may_reach
from triage.drafting.replay.stack.scene import Kind, StackFrame

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder


def global_name(builder: "Builder", frame: StackFrame, name: str, chain: Sequence[str] = ()) -> ast.expr:
    if frame.kind is Kind.REPO:
        return _global_of_repo(builder, frame, name, chain)
    if name in UNSAFE_BUILTINS or name.startswith("__"):
        raise Dead(f"{name} is not called for text from outside")
    if imported := frame.source.imported(name):
        module, attribute = imported
        if module.startswith("."):
            raise Dead(f"{name} comes from a relative import of another program")
        if not may_reach(module, attribute or ".".join(chain), builder.scene.packages):
            raise Dead(f"{module}.{attribute} is not called for text from outside")
        if attribute and builder.names.describe(module).get("kind") == "module":
            return builder.name(f"{module}:{attribute}")
        return (
            builder.import_module(module, name if name != module.split(".")[0] else "")
            if not attribute
            else builder.name(f"{module}:{attribute}")
        )
    options: list[tuple[float, Callable[[], ast.expr]]] = []
    if (value := frame.source.module_value(name)) is not None:
        options.append((0.0, lambda: builder.assign(name, builder.outside(frame, value), keep=not name.isupper())))
    if flow.definition(frame.source, name) is not None:
        options.append((0.2, lambda: flow.emit_definition(builder, frame, name)))
    if not options and hasattr(builtins, name):
        if name == "open":
            builder.notes.append("opens a file as its caller did")
        return ast.Name(name)
    options += [
        (cost, partial(handed.over, builder, frame, name, node)) for cost, node in handed.nodes(builder, frame, name)
    ]
    options += handed.receiver(builder, frame, name)
    for path in _guesses(builder, name, chain) if not _is_own(builder, name) else ():
        options.append((0.5 + 0.5 * len(options), partial(_global_at, builder, path, name)))
    for at in builder.scene.frames:
        if (
            at.name == "<module>"
            and at.source is frame.source
            and name in at.variables
            and values.trust(at.variables[name]) < 1
        ):
            options.append((0.3, partial(builder.captured, at, name, f"global.{name}")))
    if not options and not chain and not name[:1].isupper() and not _is_called(frame, name):
        options.append((6.0, lambda: builder.guess(frame, name, f"global.{name}")))
    if frame.kind is Kind.SERVICE and not any(cost < 1.5 for cost, _ in options):
        if name[:1].isupper() and made_up.is_known(builder, name):
            options.append((3.2, lambda: made_up.a_class(builder, name)))
        elif name[:1].islower() and not chain and not _is_called(frame, name):
            options.append((5.2, lambda: made_up.function(builder, name)))
    return builder.choices.pick(f"global.{name}", options)()


def _is_own(builder: "Builder", name: str) -> bool:
    """Whether the frames hold an object of the calling program's own class of that name."""
    mark = f"<__main__.{name} object at"
    return any(
        isinstance(wire, str) and wire.startswith(mark)
        for frame in builder.scene.frames
        if frame.kind is Kind.SERVICE
        for wire in frame.variables.values()
    )


def _is_called(frame: StackFrame, name: str) -> bool:
    """Whether the visible lines of `frame` call `name`: what is called cannot be made up."""
    roots = [*frame.view.before, *([frame.view.statement] if frame.view.statement is not None else [])]
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
        for root in roots
        for node in ast.walk(root)
    )


def _global_at(builder: "Builder", path: str, name: str) -> ast.expr:
    if ":" in path:
        return builder.name(path)
    return builder.import_module(path, "" if path.split(".")[0] == name else name)


def _guesses(builder: "Builder", name: str, chain: Sequence[str]) -> list[str]:
    """Paths that a global of an unseen import may stand for, likeliest first."""
    found: list[str] = _from_stack(builder, name, chain)
    top = builder.names.is_top(name) or is_stdlib(name)
    if top and not (name in KNOWN and not chain):
        found.append(name)
    found += builder.names.find(name, chain)
    if name in ALIASES:
        found.append(ALIASES[name])
    if name in KNOWN:
        found.append(f"{KNOWN[name]}:{name}")
    if chain:
        found += _submodules(builder, name, chain[0])
        found += [package for package in builder.names.packages if builder.names.exists(f"{package}:{chain[0]}")]
    telling = name[:1].isupper() or bool(chain) or len(name) > 5
    if not found and telling:
        found += builder.names.find(name, chain, deep=True)
    if not found and telling:
        found += builder.mined.definitions(name, builder.scene.import_roots)
    if not found and telling:
        found += builder.names.elsewhere(name)
    found = [_at_home(builder, _module_behind(builder, path), name) for path in found]
    allowed = [
        path
        for path in dict.fromkeys(found)
        if may_reach(path.partition(":")[0], path.partition(":")[2] or ".".join(chain), builder.scene.packages)
    ]
    return [builder.names.public(path) if ":" in path else path for path in allowed[:6]]


def _from_stack(builder: "Builder", name: str, chain: Sequence[str]) -> list[str]:
    """Where a name of a library comes from, as the frame tells that it was called into: `pages.render(...)` of the
    module `shop.pages`, `render(...)` of `shop`."""
    found: list[str] = []
    for frame, following in itertools.pairwise(builder.scene.frames):
        if frame.kind is Kind.REPO or following.kind is not Kind.LIBRARY or not following.module:
            continue
        if len(chain) == 1 and chain[0] == following.name and following.module.rpartition(".")[2] == name:
            found.append(following.module)
        elif not chain and name in (following.name, *following.view.classes):
            found.append(f"{following.module}:{name}")
    return [path for path in dict.fromkeys(found) if builder.names.exists(path)]


def _submodules(builder: "Builder", name: str, attribute: str) -> list[str]:
    """Modules of the packages on the stack that are called `name` and have what is read of it."""
    if not name.islower():
        return []
    parents = dict.fromkeys(
        [*builder.names.packages, *(item.module.rpartition(".")[0] for item in builder.scene.repo_frames)]
    )
    paths = [f"{parent}.{name}" for parent in parents if parent]
    return [
        path
        for path in paths
        if builder.names.describe(path).get("kind") == "module" and builder.names.exists(f"{path}:{attribute}")
    ]


def _module_behind(builder: "Builder", path: str) -> str:
    """A path to a module that another module imported, as the module itself."""
    if ":" not in path:
        return path
    found = builder.names.describe(path)
    return str(found.get("name") or path) if found.get("kind") == "module" else path


def _at_home(builder: "Builder", path: str, name: str) -> str:
    """A name of the standard library from there, also where a module of the repo happens to have it."""
    home = KNOWN.get(name)
    if home is None or ":" not in path or path.partition(":")[2] != name:
        return path
    return f"{home}:{name}" if str(builder.names.describe(path).get("module") or "").lstrip("_") == home else path


def _global_of_repo(builder: "Builder", frame: StackFrame, name: str, chain: Sequence[str]) -> ast.expr:
    if imported := frame.source.imported(name):
        module, attribute = imported
        if module.startswith("."):
            module = absolute(frame, module)
        if not attribute:
            return builder.import_module(module, name if name != module.split(".")[0] else "")
        if builder.names.exists(f"{module}:{attribute}"):
            return builder.name(builder.names.public(f"{module}:{attribute}"))
        return builder.import_module(f"{module}.{attribute}", "" if "." not in module else attribute)
    if builder.names.exists(f"{frame.module}:{name}"):
        return builder.name(builder.names.public(f"{frame.module}:{name}"))
    if hasattr(builtins, name):
        return ast.Name(name)
    found = _guesses(builder, name, chain) if frame.is_mined else []
    if found:
        return _global_at(builder, found[0], name)
    raise Dead(f"{name} is not found in {frame.module}")


def import_submodules(builder: "Builder", base: ast.expr, chain: Sequence[str]) -> None:
    """For `package.module.Name` after `import package`: import the module too, which other code had done."""
    if not isinstance(base, ast.Name) or builder.imports.get(base.id) != f"import {base.id}":
        return
    module = base.id
    for part in chain:
        deeper = f"{module}.{part}"
        if not may_reach(deeper, "", builder.scene.packages) or builder.names.describe(deeper).get("kind") != "module":
            break
        module = deeper
    if module != base.id:
        builder.imports[module] = f"import {module}"


def absolute(frame: StackFrame, module: str) -> str:
    dots = len(module) - len(module.lstrip("."))
    parts = frame.module.split(".")
    keep = len(parts) - dots + (1 if frame.path.endswith("__init__.py") else 0)
    return ".".join([*parts[:keep], *([module.lstrip(".")] if module.lstrip(".") else [])])
