"""Renders the sample service's files as they were at one commit of its history.

A template holds every version of a file at once. Lines between `#@ from KEY` and `#@ end`
exist from that commit on, `#@ until KEY` before it, `#@ on BRANCH` where that fix is in;
`#@ else` turns the condition around. Blocks nest. A file of which nothing is left does
not exist at that commit.
"""

from collections.abc import Collection, Mapping
from importlib import resources
from importlib.resources.abc import Traversable

from triage.demo.history import FIXES, STEPS

MARK = "#@ "
SUFFIX = ".in"


class TemplateError(ValueError):
    """A template's marks do not fit together; names file and line."""


def template_files() -> dict[str, str]:
    """The unrendered files by their path in the sample repo."""
    found: dict[str, str] = {}

    def walk(folder: Traversable, prefix: str) -> None:
        for entry in sorted(folder.iterdir(), key=lambda item: item.name):
            if entry.is_dir():
                walk(entry, f"{prefix}{entry.name}/")
            elif entry.name.endswith(SUFFIX):
                found[prefix + entry.name.removesuffix(SUFFIX)] = entry.read_text(encoding="utf-8")

    walk(resources.files("triage.demo") / "template", "")
    return found


def render_tree(key: str, fixes: Collection[str] = (), files: Mapping[str, str] | None = None) -> dict[str, str]:
    """All files of the sample at commit `key` (a step of the history), with these fixes in."""
    rendered: dict[str, str] = {}
    for path, source in (template_files() if files is None else files).items():
        text = render(source, key, fixes, path)
        if text.strip():
            rendered[path] = text
    return rendered


def render(source: str, key: str, fixes: Collection[str] = (), path: str = "") -> str:
    """One file at commit `key`. Raises TemplateError for an unknown key or an unclosed block."""
    shown: list[bool] = []
    lines: list[str] = []
    for number, line in enumerate(source.splitlines(), start=1):
        text = line.strip()
        if not text.startswith(MARK):
            if all(shown):
                lines.append(line)
            continue
        word, _, argument = text.removeprefix(MARK).partition(" ")
        try:
            if word == "from":
                shown.append(STEPS[key] >= STEPS[argument])
            elif word == "until":
                shown.append(STEPS[key] < STEPS[argument])
            elif word == "on":
                shown.append(FIXES[argument].key in fixes)
            elif word == "else":
                shown[-1] = not shown[-1]
            elif word == "end":
                shown.pop()
            else:
                raise TemplateError(f"{path}:{number}: unknown mark {word!r}")
        except (KeyError, IndexError) as error:
            raise TemplateError(f"{path}:{number}: {text!r} does not fit: {error}") from error
    if shown:
        raise TemplateError(f"{path}: {len(shown)} blocks are not closed")
    return "\n".join(lines).strip("\n") + "\n"
