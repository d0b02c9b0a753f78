# ruff: noqa: E501 - lines as servers print them
"""What git and servers print when a push fails, told apart into what the user can do."""

from pathlib import Path

import pytest

from triage.errors import NotFound, Refused, TriageError, Unavailable
from triage.forge.branch import _push_error
from triage.forge.git import Ran, local_error, remote_error

# Copied from git 2.39 and from the forges' own messages.
REMOTE = [
    ("fatal: could not read Username for 'https://github.com': terminal prompts disabled", "refused your credentials"),
    ("remote: Invalid username or token. Password authentication is not supported for Git operations.\n"
     "fatal: Authentication failed for 'https://github.com/acme/shop.git/'", "refused your credentials"),
    ("git@github.com: Permission denied (publickey).\nfatal: Could not read from remote repository.", "refused your credentials"),
    ("remote: Permission to acme/shop.git denied to bob.\n"
     "fatal: unable to access 'https://github.com/acme/shop.git/': The requested URL returned error: 403", "refused your credentials"),
    ("remote: HTTP Basic: Access denied\nfatal: Authentication failed for 'https://gitlab.com/a/b.git/'", "refused your credentials"),
    ("remote: Repository not found.\nfatal: repository 'https://github.com/acme/no.git/' not found", "no such repository"),
    ("ERROR: Repository not found.\nfatal: Could not read from remote repository.", "no such repository"),
    ("fatal: '/srv/git/no.git' does not appear to be a git repository", "no such repository"),
    ("fatal: unable to access 'https://x.invalid/a/b/': Could not resolve host: x.invalid", "cannot reach"),
    ("ssh: Could not resolve hostname x.invalid: Name or service not known\nfatal: Could not read from remote repository.", "cannot reach"),
    ("ssh: connect to host 10.0.0.1 port 22: Connection timed out\nfatal: Could not read from remote repository.", "cannot reach"),
    ("fatal: unable to access 'https://127.0.0.1:1/': Failed to connect to 127.0.0.1 port 1", "cannot reach"),
    ("fatal: unable to access 'https://x/': SSL certificate problem: self-signed certificate", "cannot reach"),
    ("fatal: unable to access 'https://x/': The requested URL returned error: 502", "cannot reach"),
    ("error: RPC failed; curl 92 HTTP/2 stream 0 was not closed cleanly\nfatal: the remote end hung up unexpectedly", "cannot reach"),
    ("Host key verification failed.\nfatal: Could not read from remote repository.", "host key"),
    ("fatal: write error: No space left on device", "cannot write"),
    ("fatal: something new", "did not answer as git expects"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "title"), REMOTE)
def test_what_the_remote_said(said: str, title: str) -> None:
    error = remote_error("origin", "https://x/a/b", Ran(128, "", said))
    assert title in error.title
    assert error.detail
    assert error.hint


@pytest.mark.parametrize(
    ("line", "stderr", "kind", "title"),
    [
        ("!\tabc:refs/heads/triage/x\t[rejected] (non-fast-forward)", "", Unavailable, "changed on origin just now"),
        ("!\tabc:refs/heads/triage/x\t[rejected] (fetch first)", "", Unavailable, "changed on origin just now"),
        ("!\tabc:refs/heads/triage/x\t[remote rejected] (protected branch hook declined)",
         "remote: error: GH006: Protected branch update failed for refs/heads/triage/x.", Refused, "protects"),
        ("!\tabc:refs/heads/triage/x\t[remote rejected] (push declined due to repository rule violations)",
         "remote: error: GH013: Repository rule violations found", Refused, "protects"),
        ("!\tabc:refs/heads/triage/x\t[remote rejected] (pre-receive hook declined)", "remote: tests first", Refused, "rejected the push"),
        ("!\tabc:refs/heads/triage/x\t[remote rejected] (shallow update not allowed)", "", Unavailable, "shallow"),
        ("!\tabc:refs/heads/triage/x\t[remote rejected] (permission denied)", "", Unavailable, "may not push"),
        ("!\tabc:refs/heads/triage/x\t[remote failure] (remote failed to report status)", "", Unavailable, "rejected the push"),
    ],
)  # fmt: skip
def test_why_a_push_was_rejected(line: str, stderr: str, kind: type[TriageError], title: str) -> None:
    ran = Ran(1, f"To https://x/a/b\n{line}\nDone\n", f"{stderr}\nerror: failed to push some refs to 'https://x/a/b'\n")
    error = _push_error("origin", "https://x/a/b", "triage/x", ran)
    assert isinstance(error, kind)
    assert title in error.title
    if stderr:
        assert stderr.removeprefix("remote: ").split(".")[0] in error.detail


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("fatal: not a git repository (or any of the parent directories): .git", NotFound),
        ("fatal: detected dubious ownership in repository at '/x'", Refused),
        ("error: insufficient permission for adding an object to repository database .git/objects", Unavailable),
        ("fatal: bad object HEAD", Unavailable),
    ],
)
def test_what_went_wrong_here(said: str, kind: type[TriageError]) -> None:
    assert isinstance(local_error(Path("/x"), "read-tree", Ran(128, "", said)), kind)


def test_passwords_and_escapes_of_the_server_are_not_repeated() -> None:
    said = "remote: \x1b[31mno\x1b[0m\nfatal: Authentication failed for 'https://bob:s3cret@x/a/b'"
    error = remote_error("origin", "https://x/a/b", Ran(128, "", said))
    assert "s3cret" not in str(error)
    assert "\x1b" not in str(error)
