"""Bell and desktop notifications for new and regressed issues: sanitised, and not too often."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from triage.config import NotifyConfig
from triage.domain.issue import LEVELS, Issue, News
from triage.tui.text import clean
from triage.tui.wording import plural

LONGEST = 120
BELL = "\x07"


class Notifier:
    """Tells of news through `write`, which sends text to the terminal.

    What comes within `every` seconds of the last telling is told together when they have passed.
    """

    def __init__(
        self,
        config: NotifyConfig,
        write: Callable[[str], object],
        environment: Mapping[str, str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config = config
        self._write = write
        self._environment = environment
        self._clock = clock
        self._told = -config.every
        self._new = 0
        self._regressed = 0
        self._latest: Issue | None = None

    @property
    def wanted(self) -> bool:
        """Whether anything is to be told at all."""
        config = self._config
        return (config.bell or bool(config.desktop)) and (config.new or config.regressed)

    def take(self, news: News) -> None:
        """Note what came; issues below the configured level do not count."""
        new, regressed = self._loud(news.new), self._loud(news.regressed)
        if self._config.new:
            # Past the issues that were read, the others are counted as loud as these are.
            unread = max(0, news.new_count - len(news.new)) if new else 0
            self._new += len(new) + unread
        if self._config.regressed:
            self._regressed += len(regressed)
        latest = (regressed if self._config.regressed else []) or (new if self._config.new else [])
        self._latest = latest[0] if latest else self._latest

    def tell(self) -> bool:
        """Tell what was noted, unless it is too soon; says whether something was told."""
        if self._latest is None or not self.wanted or self._clock() - self._told < self._config.every:
            return False
        title, body = self._words(self._latest)
        self._told = self._clock()
        self._new = self._regressed = 0
        self._latest = None
        if self._config.bell:
            self._write(BELL)
        if self._config.desktop:
            self._write(sequence(self._config.desktop, title, body, self._environment))
        return True

    def _words(self, latest: Issue) -> tuple[str, str]:
        parts = [f"{self._regressed} regressed"] if self._regressed else []
        parts += [plural(self._new, "new issue")] if self._new else []
        return f"triage: {', '.join(parts)}", f"{latest.short_id} {latest.title}"

    def _loud(self, issues: tuple[Issue, ...]) -> list[Issue]:
        most = LEVELS.index(self._config.level)
        return [issue for issue in issues if issue.level in LEVELS and LEVELS.index(issue.level) <= most]


def sequence(kind: str, title: str, body: str, environment: Mapping[str, str]) -> str:
    """OSC 9 or OSC 777 with these texts, passed through tmux or screen where we run in one."""
    title, body = _plain(title), _plain(body)
    text = f"9;{title}: {body}" if kind == "osc9" else f"777;notify;{title};{body}"
    plain = f"\x1b]{text}\x07"
    if environment.get("TMUX"):
        inner = plain.replace("\x1b", "\x1b\x1b")
        return f"\x1bPtmux;{inner}\x1b\\"
    if environment.get("STY"):
        return f"\x1bP{plain}\x1b\\"
    return plain


def _plain(text: str) -> str:
    """Text that cannot end or divide a sequence: no controls, no separators. OSC 9 commands of
    some terminals begin with a number ("9;4;" is a progress bar); ours begins with a word."""
    kept = clean(text, LONGEST).replace(";", ",").replace("\\", "/")
    return "".join(letter if letter.isprintable() else " " for letter in kept)
