"""Local changes to issues: resolve, snooze, assign, and taking the last one back."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from triage.services.workspace import Workspace


def resolve(workspace: Workspace, issues: Sequence[int]) -> str:
    """Mark as resolved; returns the sentence to show."""
    workspace.store.resolve(list(issues))
    return f"resolved {_named(issues)}"


def unresolve(workspace: Workspace, issues: Sequence[int]) -> str:
    """Mark as unresolved again."""
    workspace.store.unresolve(list(issues))
    return f"unresolved {_named(issues)}"


def snooze(workspace: Workspace, issues: Sequence[int], hours: float = 24.0) -> str:
    """Put aside for `hours`; an issue comes back by itself when they have passed."""
    until = datetime.now(UTC) + timedelta(hours=hours)
    workspace.store.snooze(list(issues), until)
    return f"snoozed {_named(issues)} until {until.astimezone():%a %H:%M}"


def assign(workspace: Workspace, issues: Sequence[int], who: str | None) -> str:
    """Assign to somebody, or to nobody with None."""
    workspace.store.assign(list(issues), who)
    return f"assigned {_named(issues)} to {who or 'nobody'}"


def known_values(workspace: Workspace) -> dict[str, list[str]]:
    """The releases, services and owners that issues have: what the filter's words may be."""
    return {name: workspace.store.values(name) for name in ("release", "service", "owner")}


async def me(workspace: Workspace) -> str:
    """Who works here: git's user.email, else the login name."""
    import getpass

    from triage.codebase.git import Git
    from triage.errors import TriageError

    try:
        return (await Git(workspace.repo).run("config", "user.email")).strip() or getpass.getuser()
    except TriageError:
        return getpass.getuser()


def undo(workspace: Workspace) -> str | None:
    """Take back the last local change; says which, or None when there is nothing left."""
    return workspace.store.undo()


def _named(issues: Sequence[int]) -> str:
    return f"T-{issues[0]}" if len(issues) == 1 else f"{len(issues)} issues"
