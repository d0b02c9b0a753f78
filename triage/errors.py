"""The errors a user sees: a title, a detail, and what to do next."""

import errno
import os
from pathlib import Path

FREE = 1_000_000  # bytes; less than this is a full disk to git and SQLite


class TriageError(Exception):
    """Something the user can act on; the edge (CLI, screen) prints it, nothing else does.

    `title` is one short clause, `detail` says what was seen, `hint` what to do next.
    """

    exit_code = 1

    def __init__(self, title: str, detail: str = "", hint: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.detail = detail
        self.hint = hint

    def __str__(self) -> str:
        return " - ".join(part for part in (self.title, self.detail, self.hint) if part)


class BadInput(TriageError):
    """What was handed in cannot be read as what it claims to be."""


class NotFound(TriageError):
    """The named thing does not exist."""


class Unavailable(TriageError):
    """A part outside this program (network, forge, model, git, sandbox) did not serve us."""


class Refused(TriageError):
    """We could, but it would not be safe; the hint says how to agree to it, if one can."""


class Fault(TriageError):
    """A fault of ours: nothing the user did."""

    exit_code = 70


class UsageError(TriageError):
    """The command line or the configuration is wrong."""

    exit_code = 2


def full_disk(error: BaseException | None = None, place: Path | None = None) -> Unavailable | None:
    """The error to show where `error` says that a disk is full, or `place` lies on one; else None."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        where = f" at {error.filename}" if error.filename else ""
    elif place is not None and place.exists() and _free(place) < FREE:
        where = f" at {place}"
    else:
        return None
    return Unavailable("the disk is full", f"no room left{where}", "free some space, then try again")


def _free(place: Path) -> int:
    disk = os.statvfs(place)
    return disk.f_bavail * disk.f_frsize
