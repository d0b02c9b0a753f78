"""What the others do to a pull request of the demo: merge it together with the fix, and release."""

import contextlib
from collections.abc import Iterator

from triage.demo.repo import DemoPaths, git

RELEASE = "v1.5.0"
PERSON = ("-c", "user.name=Noor Haddad", "-c", "user.email=noor@larder.example")


@contextlib.contextmanager
def released(paths: DemoPaths, branch: str, fix: str) -> Iterator[str]:
    """Merge `branch` and `fix` (both on the forge) into main and tag that; gives the tag's name.

    Afterwards the forge's main is back where it was, so that the demo can be walked again.
    """
    main = "refs/heads/main"
    before = git(paths.origin, "rev-parse", main).strip()
    tip = before
    for other in (fix, branch):
        tip = _merge(paths, tip, other)
    git(paths.origin, "update-ref", main, tip, before)
    git(paths.origin, *PERSON, "tag", "-a", "-m", RELEASE, RELEASE, tip)
    try:
        yield RELEASE
    finally:
        git(paths.origin, "update-ref", main, before, tip)
        git(paths.origin, "tag", "-d", RELEASE)
        git(paths.origin, "update-ref", "-d", f"refs/heads/{branch}")


def _merge(paths: DemoPaths, base: str, branch: str) -> str:
    """A merge commit of `branch` on top of `base`, made without a checkout."""
    tree = git(paths.origin, "merge-tree", "--write-tree", base, branch).splitlines()[0]
    parents = ("-p", base, "-p", branch)
    return git(paths.origin, *PERSON, "commit-tree", *parents, "-m", f"Merge {branch}", tree).strip()
