"""What a command owes the process it runs in: standard streams, and a clean end when it is told to stop."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType

STOPPING = ("SIGTERM", "SIGHUP")


def open_standard_streams() -> None:
    """Give a process that was started without stdin, stdout or stderr empty ones.

    Otherwise the next file it opens (the store, say) gets their number and is printed into.
    """
    for handle in (0, 1, 2):
        try:
            os.fstat(handle)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdin = sys.stdin or os.fdopen(0, closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False, encoding="utf-8")
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False, encoding="utf-8", errors="backslashreplace")


def drop_stdout() -> None:
    """Nobody reads what we print: let the interpreter's last flush go nowhere."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@dataclass
class Stopped:
    """Which signal told us to stop; SIGINT unless another did."""

    by: int = signal.SIGINT
    told: bool = False


_now = Stopped()


def code_after(code: int) -> int:
    """The exit code of something that ends in good order however it is told to: `code`, unless a
    signal told it."""
    return 128 + _now.by if _now.told else code


@contextlib.contextmanager
def stopped_by_signals() -> Iterator[Stopped]:
    """SIGTERM and SIGHUP end a command as Ctrl+C does: with its subprocesses gone and its folders cleared."""
    global _now
    stopped = _now = Stopped()
    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.by, stopped.told = number, True
        interrupt = signal.getsignal(signal.SIGINT)
        if callable(interrupt):
            interrupt(signal.SIGINT, frame)  # asyncio's cancels what runs, Python's raises
        else:
            raise KeyboardInterrupt

    before = {}
    for name in STOPPING:
        number = getattr(signal, name, None)
        # nohup's ignored SIGHUP stays ignored.
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            before[number] = signal.signal(number, stop)
    try:
        with _interruptible():
            yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """A script's background command ignores SIGINT: asyncio then puts no handler there, and to
    stop would mean to raise wherever the interpreter happens to be. Blocked, the signal is
    as good as ignored, and the handler is there."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN or not hasattr(signal, "pthread_sigmask"):
        yield
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
