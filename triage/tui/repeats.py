"""Tells a key that is held down from one that was pressed: nothing is sent by accident."""

from time import monotonic

PAUSE = 0.4


class Repeats:
    """Remembers when each action was last asked for. Held keys come every few hundredths of a
    second, the first repeat after a quarter to half a second."""

    def __init__(self) -> None:
        self._last: dict[str, float] = {}

    def arm(self, *names: str) -> None:
        """From now on these need a pause before they count: what they act on just came up."""
        for name in names:
            self._last[name] = monotonic()

    def held(self, name: str) -> bool:
        """Whether this comes too soon after the last time; asking counts as a time."""
        now = monotonic()
        last = self._last.get(name)
        self._last[name] = now
        return last is not None and now - last < PAUSE
