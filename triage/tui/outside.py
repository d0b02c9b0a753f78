"""Programs that the user opened through us and that stay when we go: graphical editors, browsers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

_opened: set[int] = set()


def opened() -> frozenset[int]:
    """The processes that are not ours to end."""
    return frozenset(_opened)


def keep(pid: int) -> None:
    """This one stays when we go."""
    _opened.add(pid)


@contextmanager
def keeping() -> Iterator[None]:
    """What is started in this block stays when we go."""
    from triage.services.leaving import children

    before = children()
    try:
        yield
    finally:
        _opened.update(children() - before)


def browse(url: str) -> bool:
    """Open a link in the user's browser; says whether there is one."""
    import webbrowser

    with keeping():
        return webbrowser.open(url)
