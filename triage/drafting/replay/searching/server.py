"""Talks to the fork server that runs candidates inside the target's interpreter."""

import contextlib
import json
import os
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triage.domain.verdict import FailurePoint, RunReport, SeenException
from triage.errors import Unavailable

INSIDE = Path(__file__).resolve().parents[3] / "inside"
PROGRAM = INSIDE / "replay_server.py"


# Puts an argument vector into the sandbox, for a worktree; returns it with the environment to use.
Wrap = Callable[[Sequence[str], Path], tuple[list[str], Mapping[str, str]]]


@dataclass(frozen=True)
class Outcome:
    """How one candidate ended. `value` is what it returned (type, repr, literal)."""

    outcome: str
    report: RunReport
    value: Mapping[str, Any]
    raised: Mapping[str, Any]


class ReplayServer:
    """One fork server on one worktree. Thread-safe; `close()` ends it and all that it started."""

    def __init__(self, interpreter: Path, worktree: Path, import_roots: Sequence[str], wrap: Wrap) -> None:
        self.worktree = worktree
        argv = [str(interpreter), "-B", "-s", str(PROGRAM), str(worktree), os.pathsep.join(import_roots)]
        wrapped, environment = wrap(argv, worktree)
        self._process = subprocess.Popen(
            wrapped,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(environment),
            start_new_session=True,
        )
        self._lock = threading.Lock()
        self._waiting: dict[int, Future[dict[str, Any]]] = {}
        self._next = 0
        self._closed = False
        self._errors = bytearray()
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._read_errors, daemon=True).start()

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, Any]:
        """One introspection answer. Raises Unavailable when the server is gone or silent."""
        future = self._send({"op": op, "timeout": timeout, **fields})
        try:
            return future.result(timeout + 5)
        except FutureTimeout:
            raise Unavailable("the replay server does not answer", f"no answer to {op} in {timeout:.0f} s") from None

    def submit(
        self, source: str, name: str, timeout: float, watch: Sequence[str] | None = None, depth: int = 0,
        observe: bool = False,
    ) -> Future[dict[str, Any]]:  # fmt: skip
        """Run a candidate in a fork; the future holds the raw answer (see `outcome_of`). `observe`: it may import
        `replay_observe`."""
        return self._send(
            {
                "op": "run",
                "source": source,
                "name": name,
                "timeout": timeout,
                "watch": list(watch or ()),
                "depth": depth,
                "observe": observe,
            }
        )

    def fuzz(self, **fields: object) -> Future[dict[str, Any]]:
        """Change a program's values in a fork (see `triage.inside.replay_fuzz`); the future holds what was found."""
        return self._send({"op": "fuzz", **fields})

    def files(self, also: Sequence[str] = ()) -> Future[dict[str, Any]]:
        """The source files of all that is imported, and of packages that a fork imports besides."""
        return self._send({"op": "files", "also": list(also), "timeout": 20.0})

    def load(self, modules: Sequence[str]) -> None:
        """Import libraries in the server itself, so that the forks have them; nobody waits for it."""
        with contextlib.suppress(OSError, ValueError, Unavailable):
            self._send({"op": "import", "modules": list(modules)}, expect=False)

    def cancel(self) -> None:
        """End every candidate that still runs."""
        with contextlib.suppress(OSError, ValueError, Unavailable):
            self._send({"op": "cancel", "ids": None}, expect=False)

    def close(self) -> None:
        """End the server; waits for it."""
        if self._closed:
            return
        self._closed = True
        with contextlib.suppress(OSError, ValueError):
            assert self._process.stdin is not None
            self._process.stdin.close()
        try:
            self._process.wait(1.0)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, 9)
            self._process.kill()
            self._process.wait()

    def _send(self, request: dict[str, object], expect: bool = True) -> "Future[dict[str, Any]]":
        future: Future[dict[str, Any]] = Future()
        with self._lock:
            if self._process.poll() is not None:
                raise Unavailable(
                    "the target's interpreter does not run",
                    self._errors.decode("utf-8", "replace")[-500:].strip(),
                    "see triage doctor",
                )
            self._next += 1
            request["id"] = self._next
            if expect:
                self._waiting[self._next] = future
            assert self._process.stdin is not None
            try:
                self._process.stdin.write(json.dumps(request).encode() + b"\n")
                self._process.stdin.flush()
            except (OSError, ValueError) as error:
                raise Unavailable("the target's interpreter ended", str(error), "see triage doctor") from error
        return future

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                answer = json.loads(line)
                future = self._waiting.pop(int(answer["id"]), None)
            except (ValueError, KeyError, TypeError):
                continue
            if future is not None:
                future.set_result(answer)
        for future in list(self._waiting.values()):
            if not future.done():
                future.set_result({"outcome": "killed", "error": "the replay server ended"})
        self._waiting.clear()

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._errors += line
            del self._errors[:-4000]


def outcome_of(answer: Mapping[str, Any]) -> Outcome:
    """A raw answer as facts for the judge; what the target sent is checked, not trusted."""
    outcome = str(answer.get("outcome", "killed"))
    exceptions = tuple(_seen(item) for item in answer.get("exceptions") or () if isinstance(item, dict))
    report = RunReport(
        phase="call",
        outcome="passed" if outcome == "returned" else "failed" if outcome == "raised" else "none",
        exceptions=exceptions,
        crash_function_ran=bool(answer.get("ran")),
        timed_out=outcome == "timeout",
        killed=outcome in ("killed", "cancelled"),
        seconds=float(answer.get("seconds") or 0.0),
    )
    value = answer.get("value")
    raised = (answer.get("exceptions") or [{}])[0]
    return Outcome(
        outcome, report, value if isinstance(value, dict) else {}, raised if isinstance(raised, dict) else {}
    )


def _seen(item: Mapping[str, Any]) -> SeenException:
    points = tuple(
        FailurePoint(str(point[0]), str(point[1]), str(point[2]), point[3] if isinstance(point[3], int) else None)
        for point in item.get("points") or ()
        if isinstance(point, list) and len(point) == 4
    )
    return SeenException(
        type=str(item.get("type")),
        message=str(item.get("message")),
        points=points,
        link=str(item.get("link") or "raised"),
        mro=tuple(str(name) for name in item.get("mro") or ()),
        deepest_in_test=bool(item.get("deepest_in_test")),
        signature=bool(item.get("signature")),
        injected=str(item.get("injected") or ""),
        refused=str(item.get("refused") or ""),
    )
