"""Bytecode of an environment without any is kept, and used once there is some."""

import asyncio
import sys
from pathlib import Path

from triage.domain.verdict import Isolation
from triage.execution import bytecode

TAG = str(sys.implementation.cache_tag)
HERE = Path(sys.executable)


def environment(tmp_path: Path, modules: int) -> tuple[Path, list[str]]:
    """An environment as uv makes it, and the files of its modules."""
    packages = tmp_path / "lib" / "python3.11" / "site-packages"
    (packages / "_pytest").mkdir(parents=True)
    files = [packages / f"module{at}.py" for at in range(modules)]
    for file in files:
        file.write_text("VALUE = 1\n")
    return tmp_path, [str(file) for file in files]


def compiled(root: Path, files: list[str], kept: Path) -> None:
    asyncio.run(
        bytecode.compile_files(
            files, interpreter=HERE, read_only=(root,), tree=root, kept=kept, tier=Isolation.NONE, gently=True
        )
    )


def test_the_folder_is_used_once_it_is_filled(tmp_path: Path) -> None:
    root, files = environment(tmp_path, 30)
    kept = bytecode.prefix(HERE, [root])
    assert kept is not None
    assert bytecode.filled_prefix(HERE, [root]) is None
    assert bytecode.uncompiled(files, kept, TAG) == files
    compiled(root, files, kept)
    assert bytecode.filled_prefix(HERE, [root]) == kept
    assert bytecode.uncompiled(files, kept, TAG) == []


def test_a_handful_of_modules_is_not_worth_a_process(tmp_path: Path) -> None:
    root, files = environment(tmp_path, 31)
    kept = bytecode.prefix(HERE, [root])
    assert kept is not None
    compiled(root, files[:12], kept)
    assert bytecode.uncompiled(files, kept, TAG) == []
    assert bytecode.uncompiled([*files, "relative.py", "/no/source.so"], kept, TAG) == []
