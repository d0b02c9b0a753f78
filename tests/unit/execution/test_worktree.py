"""Commits are laid out beside the repo, never in it, and vanish afterwards."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.execution_ground import git, make_shop, write
from triage.errors import NotFound, TriageError, Unavailable
from triage.execution import scratch
from triage.execution.manifest import compare, scan
from triage.execution.repository import git as run_git
from triage.execution.worktree import borrowed, worktree


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return make_shop(tmp_path)


def state(repo: Path) -> tuple[str, dict[str, tuple[int, ...]]]:
    """Everything of the repo that could show that somebody wrote there."""
    return git(repo, "status", "--porcelain"), dict(scan(repo))


async def test_a_commit_and_nothing_else(shop: Path) -> None:
    write(shop, {"src/shop/cart.py": "dirty", "untracked.py": "x"})
    git(shop, "add", "untracked.py")
    before = state(shop)
    async with worktree(shop, "fixed") as tree:
        assert "get(item" in (tree / "src/shop/prices.py").read_text()
        assert "class Cart" in (tree / "src/shop/cart.py").read_text()
        assert not (tree / "untracked.py").exists()
        assert not (tree / ".git").exists()
    assert state(shop) == before


async def test_reused_for_the_same_commit_only_while_clean(shop: Path) -> None:
    async with borrowed(shop, "main") as first:
        async with borrowed(shop, "main") as second:
            assert second.path != first.path
        async with borrowed(shop, "fixed") as other:
            assert other.path not in (first.path, second.path)
    async with worktree(shop, "main") as again:
        assert again in (first.path, second.path)
        (again / "src/shop/prices.py").write_text("spoiled")
    assert not again.exists()


async def test_hooks_filters_and_monitors_do_not_run(shop: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    for name in ("post-checkout", "post-index-change"):
        hook = shop / ".git" / "hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch {mark}\n")
        hook.chmod(0o755)
    write(shop, {".gitattributes": "*.md filter=bad\n"})
    git(shop, "add", ".gitattributes")
    git(shop, "commit", "-q", "-m", "attributes")
    git(shop, "config", "core.fsmonitor", f"touch {mark}")
    git(shop, "config", "filter.bad.smudge", f"touch {mark}; cat")
    git(shop, "config", "filter.bad.required", "true")
    mark.unlink(missing_ok=True)
    async with worktree(shop, "HEAD") as tree:
        assert (tree / "README.md").read_text() == "shop\n"
    assert not mark.exists()


async def test_odd_repositories(shop: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(shop), "bare.git")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{shop}", "shallow")
    git(shop, "checkout", "-q", "--detach", "fixed")
    git(shop, "config", "core.sparseCheckout", "true")
    write(shop, {".git/info/sparse-checkout": "README.md\n"})
    for repo in (tmp_path / "bare.git", tmp_path / "shallow", shop):
        async with worktree(repo, "HEAD") as tree:
            assert (tree / "src/shop/cart.py").is_file()


async def test_a_submodule_that_is_there_comes_along(shop: Path, tmp_path: Path) -> None:
    library = make_shop(tmp_path / "library")
    git(shop, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library), "vendor/lib")
    git(shop, "commit", "-q", "-m", "vendor")
    async with borrowed(shop, "HEAD") as tree:
        assert (tree.path / "vendor/lib/src/shop/cart.py").is_file()
        assert not (tree.path / "vendor/lib/.git").exists()
    git(tmp_path, "clone", "-q", str(shop), "plain")
    async with borrowed(tmp_path / "plain", "HEAD") as tree:
        assert any("vendor/lib" in note for note in tree.notes)


async def test_unknown_commits_and_no_repository(shop: Path, tmp_path: Path) -> None:
    for repo, ref in ((shop, "nope"), (shop, "--upload-pack=x"), (tmp_path, "HEAD")):
        with pytest.raises(NotFound):
            async with worktree(repo, ref):
                pass
    empty = tmp_path / "empty"
    empty.mkdir()
    git(empty, "init", "-q")
    with pytest.raises(NotFound, match="no commit"):
        async with worktree(empty, "HEAD"):
            pass


async def test_build_products_beside_tracked_files(shop: Path) -> None:
    write(shop, {".gitignore": "*.so\n_version.py\nbuild/\n.venv/\nconftest.py\n*.egg-info\n"})
    git(shop, "commit", "-q", "-a", "-m", "ignore")
    products = {"src/shop/_version.py": "v = 1", "src/shop/fast.so": "elf", "src/shop.egg-info/PKG-INFO": "Name: shop"}
    others = {"build/lib/x.py": "", ".venv/lib/y.py": "", "tests/conftest.py": "raise SystemExit", "data/fast.so": ""}
    write(shop, products | others)
    async with borrowed(shop, "HEAD") as tree:
        assert {name for name in products if (tree.path / name).exists()} == set(products)
        assert not [name for name in others if (tree.path / name).exists()]
        assert "_version.py" in tree.notes[0]


def test_what_a_crash_left_is_removed_at_the_next_start(own_home: Path) -> None:
    leave = "import os; from triage.execution import scratch; print(scratch.new_folder(), flush=True); os.abort()"
    done = subprocess.run([sys.executable, "-c", leave], capture_output=True, text=True, check=False)
    left = Path(done.stdout.strip())
    assert left.is_dir()
    mine = scratch.new_folder()
    assert not left.exists()
    assert mine.is_dir()
    script = "from triage.execution import scratch; print(scratch.new_folder())"
    gone = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not Path(gone.stdout.strip()).exists()
    assert mine.is_dir(), "another process's start leaves what is in use"


def test_folders_without_rights_can_be_discarded(tmp_path: Path) -> None:
    folder = tmp_path / "x"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "file").write_text("x")
    os.chmod(folder / "deep", 0)
    scratch.discard(folder)
    assert not folder.exists()


def test_changes_are_seen_whatever_the_times_say(tmp_path: Path) -> None:
    write(tmp_path, {"same.py": "1", "edited.py": "1", "gone.py": "1", "touched/a.py": "1"})
    before = scan(tmp_path)
    times = (tmp_path / "edited.py").stat()
    (tmp_path / "edited.py").write_text("2")
    os.utime(tmp_path / "edited.py", ns=(times.st_atime_ns, times.st_mtime_ns))
    (tmp_path / "gone.py").unlink()
    os.symlink("/etc/passwd", tmp_path / "link")
    write(tmp_path, {"new/deep/b.py": ""})
    changes = compare(before, scan(tmp_path))
    assert changes.modified == ("edited.py",)
    assert changes.removed == ("gone.py",)
    assert changes.added == ("link", "new/deep/b.py")
    assert changes.symlinks == ("link",)


async def test_many_at_once(shop: Path) -> None:
    async def use(number: int) -> Path:
        async with worktree(shop, "main") as tree:
            await asyncio.sleep(0)
            assert (tree / "src/shop/cart.py").is_file()
            return tree

    assert len(set(await asyncio.gather(*(use(number) for number in range(8))))) >= 1


async def test_git_that_fails_says_it_once_and_a_full_disk_by_its_name(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(TriageError, match="git branch failed") as told:
        await run_git(shop, "branch", "--no-such")
    assert "more lines" in told.value.detail
    assert len(told.value.detail) < 300
    monkeypatch.setattr("triage.errors.FREE", 1 << 80)
    with pytest.raises(Unavailable, match="the disk is full"):
        await run_git(shop, "branch", "--no-such")
