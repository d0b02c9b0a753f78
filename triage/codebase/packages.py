"""Says which packages production had that an interpreter has not: then it is often the wrong one."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

UNNEEDED = frozenset({"sentry-sdk", "urllib3", "certifi", "pip", "setuptools", "wheel", "uv"})
"""The SDK with what it brings along, and installers: production has them whatever the code needs."""

VENDORED = frozenset({
    "autocommand", "backports-tarfile", "importlib-metadata", "importlib-resources", "inflect", "jaraco-collections",
    "jaraco-context", "jaraco-functools", "jaraco-text", "more-itertools", "my-test-package", "ordered-set",
    "packaging", "platformdirs", "tomli", "typeguard", "typing-extensions", "wheel", "zipp",
})  # fmt: skip
"""What setuptools carries in its own folder (`setuptools/_vendor`, up to release 80). Once a program imports
setuptools the SDK tells of these as if they were installed."""


def lacking(production: Mapping[str, str], folders: Iterable[str | Path], repo: Path) -> tuple[str, ...]:
    """Names of `production` (distribution to version, the SDK's `modules`) that none of `folders`
    (a `sys.path`) has and that are not the repo's own, in the order of the alphabet."""
    have = {_plain(found.name.split("-")[0]) for folder in folders for found in _described(Path(folder))}
    wanted = {_plain(name): name for name in production}
    carried = VENDORED if {"setuptools", "jaraco-text"} <= set(wanted) else frozenset()
    known = have | UNNEEDED | carried
    missing = (name for plain, name in wanted.items() if plain not in known and not _own(repo, plain))
    return tuple(sorted(missing))


def _described(folder: Path) -> Iterable[Path]:
    try:
        return [item for item in folder.iterdir() if item.suffix in (".dist-info", ".egg-info", ".egg-link")]
    except OSError:  # a zip, or nothing
        return []


def _plain(name: str) -> str:
    """As packaging's specification compares names."""
    return re.sub(r"[-_.]+", "-", name.removesuffix(".dist-info").removesuffix(".egg-info")).lower()


def _own(repo: Path, plain: str) -> bool:
    folder = plain.replace("-", "_")
    return plain == _plain(repo.name) or any((repo / root / folder).is_dir() for root in (".", "src", "lib"))
