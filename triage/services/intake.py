"""Bring errors in: from files, and from a running ingest server."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from triage import paths
from triage.errors import TriageError, Unavailable
from triage.services.steps import Finished, Step
from triage.services.workspace import Workspace

BATCH = 500


async def import_files(workspace: Workspace, files: Sequence[Path]) -> AsyncIterator[Step | Finished]:
    """Store every event found in the files. Bad files are named and passed over; if nothing
    at all could be read, raises the first trouble."""
    import asyncio

    from triage.domain.incoming import IncomingEvent
    from triage.sources.files import read_file

    store = workspace.store
    new, seen = 0, 0
    troubles: list[TriageError] = []

    def store_batch(batch: list[IncomingEvent]) -> int:
        return sum(1 for issue in store.add_events(batch) if issue is not None)

    for position, file in enumerate(files):
        yield Step(f"reading {file}", position, len(files))
        try:
            events = read_file(file)
            while batch := await asyncio.to_thread(_take, events, BATCH):
                new += await asyncio.to_thread(store_batch, batch)
                seen += len(batch)
                yield Step(f"{file}: {seen} events", position, len(files))
        except TriageError as error:
            troubles.append(error)
            if len(files) > 1:
                yield Step(str(error))
    if troubles and (not seen or len(files) == 1):
        raise troubles[0]
    known = f", {seen - new} known already" if seen > new else ""
    unread = f", {len(troubles)} of {len(files)} files could not be taken in" if troubles else ""
    yield Finished(f"{new} new event{'s' * (new != 1)}{known}{unread}", new, tuple(map(str, troubles)))


def _take(events, limit):  # type: ignore[no-untyped-def]  # a plain slice of any iterator
    from itertools import islice

    return list(islice(events, limit))


@dataclass
class IngestProcess:
    """A running ingest server of our own. `dsn` and `spotlight` are what to paste."""

    process: subprocess.Popen[bytes]
    dsn: str
    spotlight: str

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def end_soon(self) -> None:
        """Tell it to end, without waiting; it finishes the batch that it is writing."""
        if self.alive:
            self.process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        """Tell it to end and wait until it has."""
        if self.alive:
            self.end_soon()
            try:
                self.process.wait(3)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def _not_started(said: str, otherwise: str) -> Unavailable:
    """Why the server did not start, in its own words where it said some."""
    import json

    title = "the ingest server did not start"
    try:
        found = json.loads(said)["error"]
        reason = ": ".join(part for part in (str(found["title"]), str(found["detail"])) if part)
        return Unavailable(title, reason, str(found["hint"]))
    except (ValueError, KeyError, TypeError):
        hint = "is the port taken? `triage serve --port 0` takes a free one"
        return Unavailable(title, said.splitlines()[-1] if said else otherwise, hint)


def start_ingest(workspace: Workspace, port: int | None = None, wait: float = 15.0) -> IngestProcess:
    """Start `triage serve` as a process of its own that ends with this one.

    Waits until it answers. Raises Unavailable with its last line when it does not come up.
    """
    import json
    import select

    log = paths.log_file()
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "triage", "serve", "--json", "--with-parent", "--repo", str(workspace.repo)]
    if workspace.config.store:
        command += ["--store", workspace.config.store]
    if port is not None:
        command += ["--port", str(port)]
    with log.open("ab") as errors:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], wait)
    line = process.stdout.readline() if ready else b""
    try:
        said = json.loads(line)
        return IngestProcess(process, said["dsn"], said["spotlight"])
    except (ValueError, KeyError, TypeError) as error:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(2 if line else 0)  # it ends by itself once it has said why
        process.kill()
        whole = line + process.stdout.read()
        process.wait()
        raise _not_started(whole.decode("utf-8", "replace").strip(), f"see {log}") from error
