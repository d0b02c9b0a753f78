"""Installs packages of our own environment into the sample's, without a download.

Files are hard links where the file system allows, else copies: like uv does it. A path file
that points at our whole environment would be shorter, but then the sample sees all that
triage needs: pytest loads our plugins and sentry-sdk sets up our libraries, at seconds a start.
"""

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from importlib import metadata
from importlib.util import cache_from_source
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from triage.errors import Unavailable

SLOW_AND_UNUSED = r"pygments/(lexers|styles)|tzdata/"


def install(names: Iterable[str], site: Path, python: Path) -> None:
    """Put the distributions `names`, with what they require, into the folder `site`.

    Bytecode is made ahead: in the sandbox that folder is read-only. Raises Unavailable when
    a distribution is missing here.
    """
    for distribution in closure(names):
        for file in distribution.files or ():
            target = site / file
            if ".." in file.parts or file.is_absolute() or file.suffix == ".pyc":
                continue
            source = Path(str(distribution.locate_file(file)))
            if not source.is_file():
                continue
            _link(source, target)
            if file.suffix == ".py" and (compiled := Path(cache_from_source(str(source)))).is_file():
                _link(compiled, target.parent / "__pycache__" / compiled.name)
    command = [str(python), "-m", "compileall", "-q", "-j", "2", "-x", SLOW_AND_UNUSED, str(site)]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def closure(names: Iterable[str]) -> Sequence[metadata.Distribution]:
    """The distributions `names` and everything they require here, each once."""
    found: dict[str, metadata.Distribution] = {}
    waiting = list(names)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError as error:
            detail = "the sample service needs it"
            raise Unavailable(f"{name} is not installed beside triage", detail, "install triage again") from error
        if distribution.files is None:
            detail = "its installer kept no list of files, so the sample service cannot have it too"
            raise Unavailable(f"cannot take over {name}", detail, "install triage with uv, pipx or pip")
        found[name] = distribution
        for text in distribution.requires or ():
            with contextlib.suppress(InvalidRequirement):
                requirement = Requirement(text)
                if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                    waiting.append(requirement.name)
    return list(found.values())


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except FileExistsError:
        return
    except OSError:
        shutil.copy2(source, target)
