"""The command line's grammar: values that are checked as they are read, and one line for a mistake."""

from __future__ import annotations

import argparse
import difflib
import math
import re
from collections.abc import Callable
from typing import NoReturn

from triage.errors import UsageError

LARGEST_ID = 2**63 - 1
"""What a row's number can be in SQLite and PostgreSQL."""


class Parser(argparse.ArgumentParser):
    """argparse that raises UsageError, so that a mistake is told like any other trouble."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError; of a wrong name among many, the nearest is offered."""
        wrong = re.fullmatch(r"argument .*?: invalid choice: '(.*)' \(choose from (.*)\)", message, re.DOTALL)
        if wrong:
            known = re.findall(r"[\w-]+", wrong[2])
            near = difflib.get_close_matches(wrong[1], known, 1)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
            raise UsageError(f"{self.prog} does not know {wrong[1]!r}", "", hint)
        raise UsageError(message, "", f"see {self.prog} --help")


def whole(text: str) -> int:
    """The number of a draft or a publication."""
    if not re.fullmatch(r"[0-9]{1,19}", text) or int(text) > LARGEST_ID:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a number of one")
    return int(text)


def positive(text: str) -> int:
    """How many; at least one."""
    found = whole(text)
    if found < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return found


def port(text: str) -> int:
    """A TCP port; 0 stands for any that is free."""
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a port (0 to 65535)")
    return int(text)


def number(least: float, most: float) -> Callable[[str], float]:
    """A reader of numbers from `least` to `most`."""

    def read(text: str) -> float:
        try:
            found = float(text)
        except ValueError:
            found = math.nan
        if not least <= found <= most:
            raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a number from {least:g} to {most:g}")
        return found

    return read
