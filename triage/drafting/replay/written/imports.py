"""The test's import lines: each name from where it lives, sorted in the groups that isort makes."""

import ast
import sys
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path


def sorted_imports(lines: Iterable[str], own: Collection[str] = ()) -> list[str]:
    """Import lines in order, with empty lines between the standard library, other packages and the repo's `own`."""

    def rank(line: str) -> tuple[int, bool, str]:
        top = line.split()[1].split(".")[0]
        group = 0 if top in sys.stdlib_module_names else 2 if top in own else 1
        return group, line.startswith("from"), line

    ordered = sorted(_joined(lines), key=rank)
    found: list[str] = []
    for index, line in enumerate(ordered):
        if index and rank(line)[0] != rank(ordered[index - 1])[0]:
            found.append("")
        found.append(line)
    return found


def _joined(imports: Iterable[str]) -> list[str]:
    """Import lines, those from one module joined into one."""
    names: dict[str, list[str]] = {}
    lines = []
    for line in dict.fromkeys(imports):
        if line.startswith("from "):
            module, _, what = line[5:].partition(" import ")
            names.setdefault(module, []).append(what)
        else:
            lines.append(line)
    return lines + [f"from {module} import {', '.join(sorted(what))}" for module, what in names.items()]


def own_packages(root: Path, roots: Sequence[str]) -> frozenset[str]:
    """Top-level packages and modules that the repo at `root` has in its import `roots`."""
    found = set()
    for folder in (root, *(root / item for item in roots)):
        try:
            found |= {path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
        except OSError:
            continue
    return frozenset(found)


def from_home(lines: Iterable[str], root: Path, roots: Sequence[str], own: Collection[str]) -> list[str]:
    """Import lines with what a module of the repo only has from another package taken from there: `from shop.models
    import Decimal` is `from decimal import Decimal`."""
    return [_home(line, root, roots, own) for line in lines]


def _home(line: str, root: Path, roots: Sequence[str], own: Collection[str]) -> str:
    node = ast.parse(line).body[0] if line.startswith("from ") else None
    if not isinstance(node, ast.ImportFrom) or node.level or not node.module or len(node.names) != 1:
        return line
    wanted = node.names[0]
    if node.module.split(".")[0] not in own or wanted.asname:
        return line
    for place in _places(node.module, root, roots):
        try:
            tree = ast.parse(place.read_bytes())
        except (OSError, SyntaxError, ValueError):
            continue
        brought = [
            item
            for item in tree.body
            if isinstance(item, ast.ImportFrom)
            and any((name.asname or name.name) == wanted.name for name in item.names)
        ]
        source = _module(brought[0], node.module) if len(brought) == 1 else ""
        inside = source.split(".")[0] in own
        if source in ("", "__future__") or (inside and place.name == "__init__.py"):
            return line
        plain = any(name.name == wanted.name and name.asname is None for name in brought[0].names)
        return f"from {source} import {wanted.name}" if plain else line
    return line


def _module(node: ast.ImportFrom, importing: str) -> str:
    """The module that is imported from, of one that the module called `importing` (no package) names by dots."""
    if not node.level:
        return node.module or ""
    above = importing.split(".")[: -node.level]
    return ".".join([*above, node.module]) if above and node.module else ""


def _places(module: str, root: Path, roots: Sequence[str]) -> Iterable[Path]:
    relative = Path(*module.split("."))
    for folder in dict.fromkeys((root, *(root / item for item in roots))):
        for place in (folder / relative.with_suffix(".py"), folder / relative / "__init__.py"):
            if place.is_file():
                yield place
