"""Our git calls: nothing of the repo runs, nothing hostile is read as an option, errors are clear."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from triage.codebase.git import Git
from triage.errors import Refused, TriageError, Unavailable

MakeRepo = Callable[[str], Any]


async def test_nothing_configured_in_the_repo_runs(repo: Any, tmp_path: Path) -> None:
    repo.commit({"a.py": "x = 1\n"})
    mark = tmp_path / "ran"
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {mark}\n")
    trap.chmod(0o755)
    for hook in ("post-checkout", "post-index-change", "reference-transaction", "pre-commit", "post-commit"):
        (repo.path / ".git/hooks" / hook).write_text(f"#!/bin/sh\ntouch {mark}\n")
        (repo.path / ".git/hooks" / hook).chmod(0o755)
    for name in ("core.fsmonitor", "core.pager", "core.editor", "diff.external"):
        repo.git("config", name, str(trap))
    repo.git("config", "alias.rev-parse", f"!{trap}")
    (repo.path / "a.py").write_text("x = 2\n")
    git = Git(repo.path)
    await git.run("status", "--porcelain")
    await git.run("diff", "--no-ext-diff")
    await git.run("log")
    await git.run("update-ref", "refs/heads/other", "HEAD")
    assert await git.head()
    assert not mark.exists()


async def test_head_of_a_detached_and_dirty_repo(repo: Any) -> None:
    first = repo.commit({"a.py": "x = 1\n"})
    repo.commit({"a.py": "x = 2\n"})
    repo.git("checkout", "-q", "--detach", first)
    (repo.path / "a.py").write_text("broken")
    git = Git(repo.path)
    assert await git.head() == first
    assert await git.show(first, "a.py") == "x = 1\n"
    assert await git.toplevel() == repo.path


async def test_unknown_and_hostile_refs_resolve_to_nothing(repo: Any, tmp_path: Path) -> None:
    commit = repo.commit({"a.py": "x = 1\n"})
    git = Git(repo.path)
    for ref in ("nope", "--output=/tmp/x", "-h", "", "a\nb", "a\0b", "HEAD:a.py", "$(touch x)", "..", "@{-1}"):
        assert await git.resolve(ref) is None, ref
    assert await git.resolve("HEAD") == commit
    assert await git.resolve(commit[:8]) == commit


async def test_odd_paths_survive(repo: Any) -> None:
    names = ["ä ö.py", "new\nline.py", "-rf.py", "tab\t.py", "quote'\".py"]
    repo.commit({name: f"# {index}\n" for index, name in enumerate(names)})
    git = Git(repo.path)
    entries = await git.entries("HEAD")
    assert set(entries) == set(names)
    contents = await git.blobs(entry.blob for entry in entries.values())
    assert {contents[entries[name].blob] for name in names} == {f"# {index}\n".encode() for index in range(5)}
    for name in names:
        assert await git.show("HEAD", name)


async def test_symlinks_are_no_source(repo: Any) -> None:
    (repo.path / "passwd.py").symlink_to("/etc/passwd")
    repo.commit({"a.py": "x = 1\n"})
    assert await Git(repo.path).list_files("HEAD") == ["a.py"]


async def test_an_inherited_git_dir_does_not_lead_elsewhere(
    make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, other = make_repo("ours"), make_repo("other")
    commit = ours.commit({"a.py": "1\n"})
    other.commit({"b.py": "2\n"})
    monkeypatch.setenv("GIT_DIR", str(other.path / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.path))
    assert await Git(ours.path).head() == commit


async def test_a_folder_without_git_says_so(tmp_path: Path) -> None:
    with pytest.raises(TriageError, match="not a git repository"):
        await Git(tmp_path).head()
    with pytest.raises(TriageError, match="no such folder"):
        await Git(tmp_path / "gone").head()


async def test_a_repo_without_commits_says_so(repo: Any) -> None:
    with pytest.raises(TriageError, match="no commits"):
        await Git(repo.path).head()


async def test_without_git_installed(repo: Any) -> None:
    with pytest.raises(Unavailable, match="git is not installed"):
        await Git(repo.path, binary="git-that-is-not-there").head()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
async def test_a_repo_of_somebody_else_is_refused_with_the_fix(repo: Any) -> None:
    repo.commit({"a.py": "1\n"})
    for folder, folders, files in os.walk(repo.path):
        for name in (*folders, *files):
            os.chown(os.path.join(folder, name), 12345, 12345)
    os.chown(repo.path, 12345, 12345)
    with pytest.raises(Refused, match=r"safe\.directory"):
        await Git(repo.path).head()


async def test_a_call_that_hangs_is_ended(repo: Any) -> None:
    repo.commit({"a.py": "1\n"})
    with pytest.raises(Unavailable, match="too long"):
        await Git(repo.path).run("-c", "alias.nap=!sleep 60", "nap", timeout=0.2)


async def test_a_failing_call_names_itself(repo: Any) -> None:
    repo.commit({"a.py": "1\n"})
    with pytest.raises(TriageError, match="git checkout-index failed"):
        await Git(repo.path).run("checkout-index", "--", "missing.py")
    assert await Git(repo.path).run("checkout-index", "--", "missing.py", check=False) == ""
