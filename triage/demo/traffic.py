"""Runs the sample service under the real sentry-sdk and sends it lifelike traffic.

A process of its own (`start_traffic`); it ends, with all that it started, when its standard
input closes, so it never outlives the demo. First one round through every bug, the frequent
ones at once and the rest while the app is open; then a trickle by weight, among healthy calls.
"""

import argparse
import contextlib
import http.client
import json
import os
import random
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from triage.demo import processes
from triage.demo.repo import DemoPaths
from triage.demo.scenarios import HEALTHY, SCENARIOS, Action, Command, Http, Job, Scenario
from triage.errors import Unavailable

RELEASE = "v1.4.0"
AT_ONCE = 9
LATER_EVERY = 6.0
CUSTOMERS = ("bistro-9", "cafe-nord", "kiosk-12", "market-4", "trattoria-lima", "stall-7", "hotel-anker")


class Service:
    """The running sample: API and worker as processes, the command on demand."""

    def __init__(self, root: Path, python: Path, deployed: Mapping[str, Path], dsn: str) -> None:
        self.root = root
        self._python = python
        self._deployed = deployed
        self._dsn = dsn
        self._port = _free_port()
        self._running: list[subprocess.Popen[bytes]] = []
        self.database = root / "larder.db"

    def start(self) -> None:
        """Start API and worker and fill the database. Raises Unavailable when they don't come up."""
        self._launch("serve", "--port", str(self._port))
        deadline = time.monotonic() + 30
        while True:
            try:
                self.call(Http("GET", "/products/none"))
                break
            except OSError as error:
                if self._running[0].poll() is not None or time.monotonic() > deadline:
                    raise Unavailable(
                        "the sample service does not start", str(error), f"read {self.root / 'service.log'}"
                    ) from error
                time.sleep(0.05)
        seed(self.database)
        self._launch("worker")

    def stop(self) -> None:
        for process in reversed(self._running):
            processes.stop(process)
        self._running.clear()

    def do(self, action: Action, customer: str = CUSTOMERS[0]) -> None:
        """Let the service do something. How it answers is its own affair."""
        if isinstance(action, Command):
            self.run(action)
        elif isinstance(action, Job):
            self.call(Http("POST", f"/jobs/{action.kind}", action.payload), customer)
        else:
            self.call(action, customer)

    def call(self, request: Http, customer: str = CUSTOMERS[0]) -> int:
        """Send a request; the status. Raises OSError when nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        headers = {"x-customer": customer, "user-agent": "larder-web/2.3"}
        body = None
        if request.body is not None:
            headers["content-type"] = "application/json"
            body = json.dumps(request.body).encode()
        try:
            connection.request(request.method, quote(request.path, safe="/?=&:%"), body, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except http.client.HTTPException as error:
            raise ConnectionError(str(error)) from error
        finally:
            connection.close()

    def run(self, command: Command) -> int:
        """Run the `larder` command to its end; the exit code."""
        folder = self._deployed[command.release]
        for name, content in command.files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(content, encoding="utf-8")
        done = subprocess.run(
            [str(self._python.parent / "larder"), *command.args],
            cwd=folder,
            env=self._environment(command.release),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
        return done.returncode

    def _launch(self, module: str, *args: str) -> None:
        command = [str(self._python), "-m", f"larder.{module}", *args]
        folder = self._deployed[RELEASE]
        log = self.root / "service.log"
        self._running.append(processes.start(command, cwd=folder, env=self._environment(RELEASE), log=log))

    def _environment(self, release: str) -> dict[str, str]:
        """Nothing of ours leaks into the service but where Python and the temp folder are."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
        return {
            **kept,
            "PYTHONPATH": str(self._deployed[release] / "src"),
            "PYTHONUTF8": "1",
            "LARDER_DB": str(self.database),
            "SENTRY_DSN": self._dsn,
            "SENTRY_RELEASE": f"larder@{release.removeprefix('v')}",
            "SENTRY_ENVIRONMENT": "production",
        }


def seed(database: Path) -> None:
    """The rows that a shop of some years would have."""
    products = [
        ("OIL-1", "Olive oil", "8.40", "oils", 12, 950),
        ("OIL-2", "Rapeseed oil", "4.10", "oils", 3, 950),
        ("TEA-1", "Assam tea", "5.25", "teas", 40, 250),
        ("RICE-1", "Arborio rice", "3.05", "rice", 25, 1000),
        ("RICE-5", "Basmati rice, sack", "14.90", "rice", 9, 5000),
        ("SAKE-1", "日本酒", "21.00", "drinks", 6, 1200),
    ]
    shelves = [
        ("pantry", "Pantry", None),
        ("oils", "Oils", "pantry"),
        ("gifts", "Gifts", "seasonal"),
        ("hampers", "Hampers", "gifts"),
        ("seasonal", "Seasonal", "hampers"),
    ]
    orders = [(f"2026-10-{day:02}", "Bistro 9", f"{day * 7}.50") for day in range(1, 29)]
    with contextlib.closing(sqlite3.connect(database, timeout=10)) as connection, connection:
        connection.executemany("insert or replace into products values (?, ?, ?, ?, ?, ?)", products)
        connection.executemany("insert or replace into categories values (?, ?, ?)", shelves)
        connection.executemany("insert into orders (day, customer, total) values (?, ?, ?)", orders)


def start_traffic(paths: DemoPaths, dsn: str, *, once: bool = False, pace: float = 1.0) -> "subprocess.Popen[bytes]":
    """Start the traffic as a process; end it with `processes.stop`.

    `once`: one round through every bug, fast, then quiet. `pace` stretches all pauses.
    """
    command = [sys.executable, "-m", "triage.demo.traffic", str(paths.root), "--dsn", dsn, "--pace", str(pace)]
    command += ["--python", str(paths.python)]
    command += [f"--deployed={tag}={folder}" for tag, folder in paths.deployed.items()]
    command += ["--once"] if once else []
    environment = {**os.environ, "PYTHONPATH": processes.python_path()}
    log = paths.root / "traffic.log"
    return processes.start(command, cwd=paths.root, env=environment, log=log, stdin=subprocess.PIPE)


def schedule(chance: random.Random, once: bool) -> Iterator[tuple[float, Scenario | None]]:
    """Pauses in seconds, each before a scenario (None: a healthy call)."""
    first = sorted(SCENARIOS, key=lambda scenario: -scenario.weight)
    if once:
        yield from ((0.0, scenario) for scenario in first)
        return
    yield from ((0.05, scenario) for scenario in first[:AT_ONCE])
    later = first[AT_ONCE:]
    while True:
        for _ in range(3):
            yield chance.uniform(0.3, 0.9), None
        yield chance.uniform(0.8, 3.5), chance.choices(SCENARIOS, [item.weight for item in SCENARIOS])[0]
        if later:
            yield LATER_EVERY * chance.uniform(0.6, 1.2), later.pop(0)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="triage.demo.traffic")
    parser.add_argument("root", type=Path)
    parser.add_argument("--dsn", required=True)
    parser.add_argument("--python", type=Path, required=True)
    parser.add_argument("--deployed", action="append", required=True, metavar="TAG=FOLDER")
    parser.add_argument("--pace", type=float, default=1.0)
    parser.add_argument("--once", action="store_true")
    args = parser.parse_args(argv)
    deployed = {tag: Path(folder) for tag, _, folder in (item.partition("=") for item in args.deployed)}
    service = Service(args.root, args.python, deployed, args.dsn)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        service.start()
        _keep_going(service, args.pace, args.once)
    finally:
        service.stop()
    return 0


def _keep_going(service: Service, pace: float, once: bool) -> None:
    """Follow the schedule until standard input closes."""
    chance = random.Random(14)
    turns: dict[str, int] = {}
    for pause, scenario in schedule(chance, once):
        if _parent_is_gone(pause * pace):
            return
        customer = chance.choice(CUSTOMERS)
        if scenario is None:
            action = chance.choice(HEALTHY)
        else:
            turn = turns.get(scenario.key, 0)
            turns[scenario.key] = turn + 1
            action = scenario.actions[turn % len(scenario.actions)]
        try:
            service.do(action, customer)
        except (OSError, subprocess.TimeoutExpired) as error:
            print(f"{action}: {error}", file=sys.stderr, flush=True)
    while not _parent_is_gone(60.0):
        pass


def _parent_is_gone(seconds: float) -> bool:
    """Wait; true as soon as standard input closes."""
    readable, _, _ = select.select([sys.stdin], [], [], seconds)
    return bool(readable) and not os.read(sys.stdin.fileno(), 1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    raise SystemExit(main())
