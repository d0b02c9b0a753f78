"""Moves the clock that Python code reads, for one fork of the process; time itself goes on as it does.

Standard library only, Python 3.8+. `time` and `datetime` are replaced wherever a module holds them, in
the manner of freezegun. Code that reads the clock in C is not fooled, and code that insists on the exact
type may break: that is what a run with a shift of zero is for, which must end as one without.
"""

from __future__ import annotations

import datetime
import os
import sys
import time
from typing import Any

_date: Any = datetime.date
_datetime: Any = datetime.datetime
_time, _time_ns = time.time, time.time_ns
_localtime, _gmtime, _strftime, _ctime = time.localtime, time.gmtime, time.strftime, time.ctime
MOST_ATTRIBUTES = 400_000


def set_zone(zone: str) -> None:
    """Local time is that of `zone` (a POSIX rule, which needs no files) from now on."""
    os.environ["TZ"] = zone
    time.tzset()


def move(seconds: float) -> None:
    """Every clock that Python code reads by name is `seconds` ahead from now on."""

    class DateLike(type):
        def __instancecheck__(cls, value: Any) -> bool:
            return isinstance(value, _datetime if cls is MovedDatetime else _date)

        def __subclasscheck__(cls, other: Any) -> bool:
            return issubclass(other, _datetime if cls is MovedDatetime else _date)

    class MovedDate(_date, metaclass=DateLike):  # type: ignore[misc]
        @classmethod
        def today(cls) -> Any:
            return cls.fromtimestamp(moved())

    class MovedDatetime(_datetime, metaclass=DateLike):  # type: ignore[misc]
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return cls.fromtimestamp(moved(), tz)

        @classmethod
        def today(cls) -> Any:
            return cls.fromtimestamp(moved())

        @classmethod
        def utcnow(cls) -> Any:
            return cls.fromtimestamp(moved(), datetime.timezone.utc).replace(tzinfo=None)

    MovedDate.__name__ = MovedDate.__qualname__ = "date"
    MovedDatetime.__name__ = MovedDatetime.__qualname__ = "datetime"
    MovedDate.__module__ = MovedDatetime.__module__ = "datetime"

    def moved() -> float:
        return _time() + seconds

    def moved_ns() -> int:
        return _time_ns() + int(seconds * 1_000_000_000)

    def localtime(at: Any = None) -> Any:
        return _localtime(moved() if at is None else at)

    def gmtime(at: Any = None) -> Any:
        return _gmtime(moved() if at is None else at)

    def strftime(form: str, at: Any = None) -> str:
        return _strftime(form, localtime() if at is None else at)

    def ctime(at: Any = None) -> str:
        return _ctime(moved() if at is None else at)

    instead = {
        id(_date): MovedDate, id(_datetime): MovedDatetime, id(_time): moved, id(_time_ns): moved_ns,
        id(_localtime): localtime, id(_gmtime): gmtime, id(_strftime): strftime, id(_ctime): ctime,
    }  # fmt: skip
    _replace(instead)


def _replace(instead: dict[int, Any]) -> None:
    room = MOST_ATTRIBUTES
    for name, module in list(sys.modules.items()):
        if name.startswith(("_pytest", "pytest", "probe_")) or name in ("_datetime", "_strptime", "_pydatetime"):
            continue
        try:
            held = list(vars(module).items())
        except TypeError:
            continue
        room -= len(held)
        if room < 0:
            return
        for attribute, value in held:
            if id(value) in instead:
                try:
                    setattr(module, attribute, instead[id(value)])
                except (AttributeError, TypeError):
                    continue
