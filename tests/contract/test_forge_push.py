"""Branches are pushed by real git to a real git server, and nothing of the user's is touched."""

import asyncio
import os
import socket
import stat
from pathlib import Path

import psutil
import pytest

from tests.contract.forge_story import BRANCH, MESSAGE, TEST, TOKEN, Checkout, git
from triage.errors import NotFound, Refused, TriageError, Unavailable
from triage.forge.branch import branch_tip, delete_branch, publish_branch, show_diff
from triage.forge.compare import request_pull
from triage.forge.git import _may_carry_token
from triage.forge.remote import read_remote, remote_base
from triage.forge.tokens import Token


def snapshot(checkout: Checkout) -> tuple[str, str, str, str]:
    """All that a user could notice: status, refs, index, config."""
    index = (checkout.path / ".git" / "index").read_bytes().hex()
    refs = checkout.git("for-each-ref", "refs/heads", "refs/tags", "refs/stash")
    return checkout.git("status", "--porcelain", "--branch"), refs, index, checkout.git("config", "--list", "--local")


async def test_a_dirty_checkout_is_left_as_it_was_and_the_branch_holds_one_file(checkout: Checkout) -> None:
    (checkout.path / "shop.py").write_text("PRICES = {'dirty': 1}\n")
    (checkout.path / "untracked.txt").write_text("mine")
    checkout.git("add", "shop.py")
    before = snapshot(checkout)
    pushed = await checkout.push()
    assert snapshot(checkout) == before
    assert (pushed.branch, pushed.existed) == (BRANCH, False)
    assert git(checkout.bare, "diff", "--name-status", f"main..{BRANCH}") == "A\ttests/test_orders.py"
    assert git(checkout.bare, "show", f"{BRANCH}:tests/test_orders.py") == TEST.strip()
    assert (
        git(checkout.bare, "log", "-1", "--format=%an <%ae>|%B", BRANCH) == f"Ana <ana@example.com>|{MESSAGE}".strip()
    )
    assert not (checkout.path / ".git" / "FETCH_HEAD").exists()


async def test_the_branch_starts_where_the_remote_is_though_the_checkout_is_behind_and_detached(
    checkout: Checkout, tmp_path: Path
) -> None:
    other = checkout.colleague(tmp_path / "other")
    (other / "new.py").write_text("x = 1\n")
    git(other, "add", ".")
    git(other, "commit", "-qm", "Newer")
    git(other, "push", "-q", "origin", "main")
    checkout.git("checkout", "-q", "--detach")
    (checkout.path / "local.py").write_text("mine = 1\n")
    checkout.git("add", ".")
    checkout.git("commit", "-qm", "Only here")
    pushed = await checkout.push()
    assert git(checkout.bare, "rev-parse", f"{pushed.commit}^") == git(checkout.bare, "rev-parse", "main")
    assert "local.py" not in git(checkout.bare, "ls-tree", "-r", "--name-only", BRANCH)


async def test_a_second_press_finds_the_first(checkout: Checkout) -> None:
    first = await checkout.push()
    second = await checkout.push()
    assert (second.commit, second.branch, second.existed) == (first.commit, BRANCH, True)


async def test_a_second_press_finds_the_first_after_main_has_moved(checkout: Checkout) -> None:
    first = await checkout.push()
    (checkout.path / "b.py").write_text("")
    checkout.git("add", ".")
    checkout.git("commit", "-qm", "More")
    checkout.git("push", "-q", "origin", "main")
    assert (await checkout.push()).commit == first.commit


async def test_a_new_revision_goes_on_top_of_ours(checkout: Checkout) -> None:
    first = await checkout.push()
    second = await checkout.push(text=TEST + "# better\n")
    assert second.branch == first.branch
    assert git(checkout.bare, "rev-parse", f"{second.commit}^") == first.commit


async def test_a_colleagues_commit_is_never_buried(checkout: Checkout, tmp_path: Path) -> None:
    await checkout.push()
    other = checkout.colleague(tmp_path / "other")
    git(other, "checkout", "-q", BRANCH)
    (other / "tests" / "test_orders.py").write_text(TEST + "# reviewed\n")
    git(other, "commit", "-qam", "Reviewed")
    git(other, "push", "-q", "origin", BRANCH)
    tip = git(checkout.bare, "rev-parse", BRANCH)
    pushed = await checkout.push(text=TEST + "# mine\n")
    assert pushed.branch == f"{BRANCH}-2"
    assert git(checkout.bare, "rev-parse", BRANCH) == tip
    again = await checkout.push(text=TEST + "# mine\n")
    assert (again.branch, again.existed) == (f"{BRANCH}-2", True)


async def test_another_issue_under_the_same_name_gets_its_own_branch(checkout: Checkout) -> None:
    await checkout.push()
    other = await checkout.push(text="def test_y(): assert 0\n", message="Add\n\nTriage-Issue: T-99\n")
    assert other.branch == f"{BRANCH}-2"


async def test_a_test_that_is_merged_already_is_said_to_be(checkout: Checkout) -> None:
    with pytest.raises(TriageError, match="nothing to publish"):
        await checkout.push(text="def test_old(): pass\n", path="tests/test_old.py")


async def test_undo_deletes_only_what_we_pushed(checkout: Checkout, tmp_path: Path) -> None:
    pushed = await checkout.push()
    assert await delete_branch(checkout.path, "origin", BRANCH, pushed.commit) is True
    assert BRANCH not in git(checkout.bare, "branch", "--list", "--all")
    assert await delete_branch(checkout.path, "origin", BRANCH, pushed.commit) is False
    again = await checkout.push()
    other = checkout.colleague(tmp_path / "other")
    git(other, "checkout", "-q", BRANCH)
    git(other, "commit", "-q", "--allow-empty", "-m", "Mine")
    git(other, "push", "-q", "origin", BRANCH)
    with pytest.raises(Refused, match="commits that are not ours"):
        await delete_branch(checkout.path, "origin", BRANCH, again.commit)
    with pytest.raises(Refused):
        await delete_branch(checkout.path, "origin", "main", git(checkout.bare, "rev-parse", "main"))


async def test_hooks_of_the_repository_do_not_run(checkout: Checkout, tmp_path: Path) -> None:
    for name in ("pre-commit", "commit-msg", "post-commit", "pre-push", "reference-transaction", "post-index-change"):
        hook = checkout.path / ".git" / "hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\nexit 1\n")
        hook.chmod(hook.stat().st_mode | stat.S_IXUSR)
    await checkout.push()
    assert not (tmp_path / "ran").exists()


async def test_without_an_identity_it_says_which_command_sets_one(checkout: Checkout) -> None:
    checkout.git("config", "--unset", "user.email")
    with pytest.raises(TriageError, match="who you are") as caught:
        await checkout.push()
    assert "git config --global user.name" in caught.value.hint


async def test_no_remote_no_commits_no_repository(checkout: Checkout, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no remote named upstream") as caught:
        await remote_base(checkout.path, "upstream")
    assert "origin" in caught.value.detail
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(NotFound, match="not a git repository"):
        await publish_branch(empty, "origin", "HEAD", BRANCH, {"a.py": ""}, MESSAGE)
    git(empty, "init", "-q")
    with pytest.raises(TriageError, match="no commits yet"):
        await publish_branch(empty, "origin", "HEAD", BRANCH, {"a.py": ""}, MESSAGE)
    checkout.forge.create_repo("acme", "bare")
    checkout.git("remote", "set-url", "origin", checkout.forge.clone_url("acme", "bare"))
    with pytest.raises(NotFound, match="no commits yet"):
        await remote_base(checkout.path, "origin")


async def test_wrong_credentials_missing_repository_and_no_network_are_told_apart(checkout: Checkout) -> None:
    url = checkout.forge.clone_url("acme", "shop")
    base = await remote_base(checkout.path, "origin")
    checkout.git("remote", "set-url", "origin", checkout.forge.clone_url("acme", "nothing"))
    with pytest.raises(NotFound, match="no such repository"):
        await checkout.push()
    checkout.git("remote", "set-url", "origin", "http://127.0.0.1:1/acme/shop.git")
    with pytest.raises(Unavailable, match="cannot reach"):
        await checkout.push()
    checkout.git("remote", "set-url", "origin", url)
    checkout.git("config", "--unset-all", f"credential.{checkout.forge.url}.helper")
    with pytest.raises(Unavailable, match="refused your credentials") as caught:
        await checkout.push()
    assert "GH_TOKEN" in caught.value.hint
    wrong = url.replace("http://", "http://x-access-token:tok_wrong_one@")
    checkout.git("remote", "set-url", "origin", wrong)
    with pytest.raises(Unavailable, match="refused your credentials") as caught:
        await checkout.push()
    assert "tok_wrong_one" not in str(caught.value)
    checkout.git("remote", "set-url", "origin", url)
    token = Token(TOKEN, "GH_TOKEN")
    pushed = await publish_branch(checkout.path, "origin", base.commit, BRANCH, {"t.py": TEST}, MESSAGE, token=token)
    assert await branch_tip(checkout.path, "origin", BRANCH, token) == pushed.commit


async def test_a_remote_that_says_nothing_is_not_waited_for_long(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        checkout.git("remote", "set-url", "origin", f"http://127.0.0.1:{silent.getsockname()[1]}/shop.git")
        monkeypatch.setattr("triage.forge.remote.ASKING_TIMEOUT", 0.5)
        with pytest.raises(Unavailable, match="took longer than") as caught:
            await remote_base(checkout.path, "origin")
    assert "the network" in caught.value.detail


async def test_a_rejecting_server_is_quoted(checkout: Checkout) -> None:
    hook = checkout.bare / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'GH013: Repository rule violations found for triage/*.' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(Refused, match="protects") as caught:
        await checkout.push()
    assert "GH013" in caught.value.detail
    hook.write_text("#!/bin/sh\nprintf 'no \\033[31mtests\\033[0m on Fridays\\n' >&2\nexit 1\n")
    with pytest.raises(Refused, match="rejected the push") as caught:
        await checkout.push()
    assert "no tests on Fridays" in caught.value.detail


async def test_a_read_only_token_may_not_push(checkout: Checkout) -> None:
    checkout.forge.interface.read_only.add("tok_reader")
    checkout.git("config", "--unset-all", f"credential.{checkout.forge.url}.helper")
    base = await remote_base(checkout.path, "origin", token=Token("tok_reader", "GH_TOKEN"))
    with pytest.raises(Unavailable, match="refused your credentials"):
        await publish_branch(
            checkout.path, "origin", base.commit, BRANCH, {"t.py": TEST}, MESSAGE, token=Token("tok_reader", "GH_TOKEN")
        )


@pytest.mark.parametrize(
    "path",
    [
        "../x.py",
        "/etc/x.py",
        ".git/hooks/pre-commit",
        "a/.GIT/x",
        "a\\..\\x.py",
        "tests/../../x",
        "",
        "a\nb.py",
        ".git. /x",
    ],
)
async def test_a_path_out_of_the_repository_is_refused(checkout: Checkout, path: str) -> None:
    with pytest.raises(Refused, match="leaves the repository"):
        await checkout.push(path=path)


async def test_a_path_through_a_symlink_is_refused(checkout: Checkout) -> None:
    os.symlink("/etc", checkout.path / "link")
    checkout.git("add", ".")
    checkout.git("commit", "-qm", "Link")
    checkout.git("push", "-q", "origin", "main")
    with pytest.raises(Refused, match="through a link"):
        await checkout.push(path="link/x.py")
    with pytest.raises(Refused, match="through a link"):
        await checkout.push(path="link")


async def test_an_executable_file_stays_executable_and_the_diff_shows_the_change(checkout: Checkout) -> None:
    old = checkout.path / "tests" / "test_old.py"
    old.chmod(0o755)
    checkout.git("add", ".")
    checkout.git("commit", "-qm", "Mode")
    checkout.git("push", "-q", "origin", "main")
    base = await remote_base(checkout.path, "origin")
    diff = await show_diff(checkout.path, base.commit, {"tests/test_old.py": "def test_old(): pass\n# more\n"})
    assert diff.endswith("+# more")
    await checkout.push(path="tests/test_old.py")
    assert git(checkout.bare, "ls-tree", BRANCH, "tests/test_old.py").startswith("100755")


async def test_signing_is_respected_and_its_failure_named(checkout: Checkout, tmp_path: Path) -> None:
    signer = tmp_path / "gpg"
    signer.write_text("#!/bin/sh\necho 'gpg: signing failed: No pinentry' >&2\nexit 2\n")
    signer.chmod(0o755)
    checkout.git("config", "commit.gpgSign", "true")
    checkout.git("config", "gpg.program", str(signer))
    with pytest.raises(Unavailable, match="could not be signed"):
        await checkout.push()


async def test_insteadof_rules_are_followed(checkout: Checkout) -> None:
    checkout.git("config", f"url.{checkout.forge.url}/acme/.insteadOf", "work:")
    checkout.git("remote", "set-url", "origin", "work:shop.git")
    assert (await read_remote(checkout.path, "origin")).path == "acme/shop"
    assert (await checkout.push()).branch == BRANCH


async def test_pushes_may_go_elsewhere_than_fetches_come_from(checkout: Checkout) -> None:
    fork = checkout.forge.create_repo("ana", "shop")
    checkout.git("remote", "set-url", "--push", "origin", checkout.forge.clone_url("ana", "shop"))
    first = await checkout.push()
    assert git(fork, "rev-parse", BRANCH) == first.commit
    assert (await checkout.push()).existed
    assert (await checkout.push(text=TEST + "# more\n")).branch == BRANCH
    tip = git(fork, "rev-parse", BRANCH)
    assert await delete_branch(checkout.path, "origin", BRANCH, tip)
    assert BRANCH not in git(fork, "branch", "--list")


def test_a_token_travels_encrypted_or_not_at_all() -> None:
    assert _may_carry_token("https://github.com/a/b")
    assert _may_carry_token("http://127.0.0.1:8080/a/b.git")
    assert not _may_carry_token("http://github.com/a/b")
    assert not _may_carry_token("http://127.0.0.1.evil.example/a/b")
    assert not _may_carry_token("ssh://git@github.com/a/b")


async def test_a_plain_bare_repository_works_and_gets_a_request_text(checkout: Checkout, tmp_path: Path) -> None:
    bare = tmp_path / "plain.git"
    git(tmp_path, "clone", "-q", "--bare", str(checkout.path), str(bare))
    checkout.git("remote", "set-url", "origin", str(bare))
    base = await remote_base(checkout.path, "origin")
    pushed = await checkout.push()
    text = await request_pull(
        checkout.path, await read_remote(checkout.path, "origin"), base.commit, BRANCH, pushed.commit
    )
    assert f"{bare} {BRANCH}" in text
    assert pushed.commit in text
    assert "tests/test_orders.py" in text


async def test_a_shallow_clone_can_publish(checkout: Checkout, tmp_path: Path) -> None:
    (checkout.path / "b.py").write_text("")
    checkout.git("add", ".")
    checkout.git("commit", "-qm", "Second")
    checkout.git("push", "-q", "origin", "main")
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{checkout.bare}", str(shallow))
    git(shallow, "config", "user.name", "Ana")
    git(shallow, "config", "user.email", "ana@example.com")
    base = await remote_base(shallow, "origin")
    pushed = await publish_branch(shallow, "origin", base.commit, BRANCH, {"t.py": TEST}, MESSAGE)
    assert git(checkout.bare, "rev-parse", BRANCH) == pushed.commit


async def test_cancelling_kills_git(checkout: Checkout, tmp_path: Path) -> None:
    started = tmp_path / "started"
    helper = tmp_path / "slow-helper"
    helper.write_text(f"#!/bin/sh\necho $$ > {started}\nexec sleep 60\n")
    helper.chmod(0o755)
    checkout.git("config", "--unset-all", f"credential.{checkout.forge.url}.helper")
    checkout.git("config", f"credential.{checkout.forge.url}.helper", str(helper))
    task = asyncio.create_task(checkout.push())
    while not (started.exists() and started.read_text().strip()):  # noqa: ASYNC110 - another process writes it
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    psutil.wait_procs([item for item in [running(int(started.read_text()))] if item], timeout=5)
    assert running(int(started.read_text())) is None


def running(pid: int) -> psutil.Process | None:
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process
    except psutil.NoSuchProcess:
        return None
