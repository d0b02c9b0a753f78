"""Runs one test under pytest in the target's interpreter and reports what happened as signed JSON lines.

Standard library only, Python 3.8+, pytest 6+. Run as a script inside the sandbox. Its order comes on
stdin and holds a key; stdin is closed before any code of the repo or the draft runs. Each line
of the report carries a number and a keyed hash, so that text which a draft writes to the same
descriptor is not taken for ours. Nothing of ours can be imported by name once the run begins, and a
draft that reaches for memory, frames or code objects is told of before it gets them (probe_guard).
What runs in one process cannot be kept apart in it for good: docs/verdicts.md says what is left.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import traceback
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Callable, Iterator

_here = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [_here] + [item for item in sys.path if os.path.abspath(item or ".") != _here]

if TYPE_CHECKING:
    from triage.inside.probe_facts import Sources, all_facts
    from triage.inside.probe_guard import TamperWatch
    from triage.inside.probe_repeat import Repeating
    from triage.inside.probe_watch import FunctionWatch, RefusalWatch
else:
    from probe_facts import Sources, all_facts
    from probe_guard import TamperWatch
    from probe_repeat import Repeating
    from probe_watch import FunctionWatch, RefusalWatch

sys.path.remove(_here)

Send = Callable[..., None]
PREFIX = "triage-probe "
MOST_CODE = 4000
ASIDE = ("denied", "tampered")  # told while the draft runs


def sender(channel: int, key: bytes, guard: TamperWatch) -> Send:
    """A function that writes one signed line; silent in forks of this process.

    Only our own code may speak through it, with no code of the draft around it.
    """
    owner = os.getpid()
    count = [0]

    def send(kind: str, **facts: Any) -> None:
        if os.getpid() != owner:
            return
        if kind not in ASIDE and not guard.unaided(__file__):
            kind, facts = "tampered", {"what": "speaks in its judge's name"}
        body = json.dumps(dict(facts, kind=kind, seq=count[0]))
        count[0] += 1
        mac = blake2b(body.encode(), key=key, digest_size=16).hexdigest()
        data = "{}{} {}\n".format(PREFIX, mac, body).encode()
        while data:
            data = data[os.write(channel, data) :]

    return send


def read_order() -> dict[str, Any]:
    """What to do, from stdin; afterwards stdin is empty for everybody."""
    with os.fdopen(os.dup(0), "rb") as file:
        order = json.loads(file.read().decode())
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return dict(order)


def hide() -> list[Any]:
    """Takes our modules out of the list of modules; the result keeps them alive.

    `__main__` becomes an empty module, as it is for programs without a file.
    """
    names = [name for name in sys.modules if name.startswith("probe_")]
    taken = [sys.modules.pop(name) for name in names] + [sys.modules["__main__"]]
    sys.modules["__main__"] = type(sys)("__main__")
    return taken


def main() -> int:
    """Returns pytest's exit code."""
    hidden = hide()
    gc.disable()  # until all is imported: there is nothing to collect, and looking takes a tenth of the time
    order = read_order()
    channel = int(order["channel"])
    os.set_inheritable(channel, False)
    guard = TamperWatch(order["root"], order["test_file"])
    send = sender(channel, bytes.fromhex(order.pop("key")), guard)
    guard.tell = lambda what: send("tampered", what=what)
    root, test_file = order["root"], order["test_file"]
    sources = Sources(root, test_file)
    sys.path[:] = order["roots"] + [item for item in sys.path if item not in order["roots"]]
    sys.argv = ["pytest"]
    send("started", python=list(sys.version_info[:3]))
    try:
        with open(test_file, "rb") as file:
            compile(file.read(), test_file, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        send("syntax", exceptions=all_facts(error, sources))
        return 2
    try:
        import pytest
    except ImportError as error:
        send("no-pytest", exceptions=all_facts(error, sources))
        return 3
    plugin = make_plugin(pytest, order, sources, send, guard)
    try:
        code = int(pytest.main(order["args"], plugins=[plugin]))
    except Exception as error:
        traceback.print_exc()
        send("settings", exceptions=all_facts(error, sources))
        code = 4
    plugin.at_end()
    send("finished", code=code)
    del hidden
    return code


def make_plugin(pytest: Any, order: dict[str, Any], sources: Sources, send: Send, guard: TamperWatch) -> Any:
    """The pytest plugin; a class in a function because its decorators need the target's pytest."""
    wanted = [(str(path), str(name)) for path, name in order["points"]]
    crashes = [(str(path), str(name)) for path, name in order["crashes"]]
    watched = (wanted, crashes) if order["watch"] else ([], [])
    functions = FunctionWatch(*watched, sources, order["brief"])
    guard.install()
    refusals = RefusalWatch(order["hidden"], order["visible"], order["enforce"], lambda what: send("denied", what=what))
    refusals.install()
    at_import = any(name == "<module>" for _, name in wanted)
    passing: dict[str, Any] = {}

    class Probe:
        @pytest.hookimpl(hookwrapper=True, tryfirst=True)  # type: ignore[untyped-decorator,unused-ignore]
        def pytest_load_initial_conftests(self) -> Iterator[None]:
            outcome: Any = yield
            if outcome.excinfo is not None:
                error = outcome.excinfo[1]
                inner = getattr(error, "excinfo", None)
                send("settings", exceptions=all_facts(inner[1] if inner else error, sources))

        @pytest.hookimpl(tryfirst=True)  # type: ignore[untyped-decorator,unused-ignore]
        def pytest_collection(self) -> None:
            if at_import:
                functions.start()

        def pytest_collection_finish(self, session: Any) -> None:
            # pytest collects garbage five times at its end; what was imported need not be walked for it.
            keep_imported()
            send("collected", count=len(session.items))

        @pytest.hookimpl(tryfirst=True)  # type: ignore[untyped-decorator,unused-ignore]
        def pytest_exception_interact(self, node: Any, call: Any, report: Any) -> None:
            if getattr(report, "when", "collect") == "collect" and call.excinfo is not None:
                error = call.excinfo.value
                if type(error).__name__ == "CollectError" and error.__cause__ is not None:
                    error = error.__cause__
                send("collect", exceptions=all_facts(error, sources))

        @pytest.hookimpl(tryfirst=True)  # type: ignore[untyped-decorator,unused-ignore]
        def pytest_runtest_logstart(self) -> None:
            send("at", phase="setup")
            refusals.active = True
            if not at_import:
                functions.start()

        @pytest.hookimpl(hookwrapper=True, tryfirst=True)  # type: ignore[untyped-decorator,unused-ignore]
        def pytest_runtest_call(self) -> Iterator[None]:
            send("at", phase="call")
            outcome: Any = yield
            passing["call"] = outcome.excinfo[1] if outcome.excinfo else None

        @pytest.hookimpl(hookwrapper=True, tryfirst=True)  # type: ignore[untyped-decorator,unused-ignore]
        def pytest_runtest_makereport(self, item: Any, call: Any) -> Iterator[None]:
            functions.pause()
            outcome: Any = yield
            functions.resume()
            refusals.active = False
            report = outcome.get_result()
            error = call.excinfo.value if call.excinfo is not None else None
            facts = all_facts(error, sources, functions.left) if error is not None else []
            # Of a unittest case pytest itself notes what was raised, and lets nothing through.
            by_unittest = type(item).__module__ == "_pytest.unittest"
            if facts and passing.pop(str(call.when), error) is not error and not by_unittest:
                facts[0]["forged"] = "pytest was told of another error than the one that was raised"
            send(
                "phase",
                phase=str(report.when),
                outcome=str(report.outcome),
                xfail=hasattr(report, "wasxfail"),
                node=str(item.nodeid),
                seconds=float(getattr(report, "duration", 0.0)),
                exceptions=facts,
            )
            refusals.active = True

        def pytest_runtest_logfinish(self) -> None:
            refusals.active = False
            functions.stop()

        def pytest_internalerror(self, excinfo: Any) -> None:
            send("settings", exceptions=all_facts(excinfo.value, sources))

        def pytest_keyboard_interrupt(self, excinfo: Any) -> None:
            send("interrupted", exceptions=all_facts(excinfo.value, sources))

        def at_end(self) -> None:
            refusals.active = False
            send(
                "functions",
                ran=sorted(functions.ran),
                missing=functions.missing(),
                count=len(wanted),
                code=sorted(functions.code)[:MOST_CODE],
            )
            send("foreign", modules=foreign_modules(order, sources))
            send("modules", files=loaded_files())

    return Repeating(Probe(), order, sources, send) if order.get("turns") else Probe()


def keep_imported() -> None:
    """From now on garbage is collected as usual, except in what exists already."""
    if hasattr(gc, "freeze"):  # PyPy has none
        gc.freeze()
    gc.enable()


def foreign_modules(order: dict[str, Any], sources: Sources) -> list[str]:
    """Modules that the worktree has too, but that were imported from another place."""
    names = set()
    for path, _ in order["points"]:
        for top in order["tops"].get(path, ()):
            names.add(top)
    found = []
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] not in names:
            continue
        try:
            file = getattr(module, "__file__", None)
        except Exception:
            continue
        if not isinstance(file, str) or sources.relative(file) is not None:
            continue
        if file.endswith((".so", ".pyd")) or in_worktree(name, order["roots"]):
            found.append("{} ({})".format(name, file))
    return sorted(found)[:20]


def loaded_files() -> list[str]:
    """Source files of all modules that were imported."""
    files = []
    for module in list(sys.modules.values()):
        try:
            file = getattr(module, "__file__", None)
        except Exception:
            continue
        if isinstance(file, str) and file.endswith(".py"):
            files.append(file)
    return sorted(set(files))[:4000]


def in_worktree(name: str, roots: list[str]) -> bool:
    """Whether a module of this name lies in the worktree."""
    inside = name.replace(".", os.sep)
    return any(
        os.path.exists(os.path.join(root, inside + ".py")) or os.path.exists(os.path.join(root, inside, "__init__.py"))
        for root in roots
    )


if __name__ == "__main__":
    result = main()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        # Not sys.exit: a thread that a test left behind would keep the process.
        os._exit(result & 0xFF)
