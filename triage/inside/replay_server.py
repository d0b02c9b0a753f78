"""Fork server inside the target's interpreter: imports the code once, runs each candidate in a fork.

Standard library only, Python 3.8+. Speaks JSON lines on stdin and stdout. Every candidate runs
in a child of its own with a time limit, so nothing it does lasts. It is started inside the
sandbox; it trusts nothing that it runs.
"""

import gc
import io
import json
import os
import select
import signal
import sys
import time

import replay_warm

MAX_ANSWER = 4_000_000


def main():
    """Serve until stdin closes. argv: worktree, import roots (os.pathsep-joined)."""
    worktree, roots = sys.argv[1], [item for item in sys.argv[2].split(os.pathsep) if item]
    answers = os.fdopen(os.dup(1), "wb", 0)
    requests = os.dup(0)
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [item for item in sys.path if os.path.abspath(item or ".") != here]
    sys.path[:0] = [os.path.join(worktree, item) if item not in ("", ".") else worktree for item in roots]
    os.chdir(worktree)
    sys.argv = ["pytest"]
    sys.dont_write_bytecode = True
    sys.stdin, sys.stdout, sys.stderr = fresh_streams()
    Server(worktree, requests, answers).serve()


class Refusing(io.TextIOBase):
    """What pytest puts in place of stdin: reading from it is an error."""

    encoding = "utf-8"

    def read(self, *args):
        raise OSError("pytest: reading from stdin while output is captured! Consider using `-s`.")

    readline = readlines = read

    def __iter__(self):
        return self

    def __next__(self):
        return self.readline()

    def fileno(self):
        raise io.UnsupportedOperation("redirected stdin is pseudofile, has no fileno()")

    def isatty(self):
        return False

    @property
    def buffer(self):
        return self


def fresh_streams():
    """stdin, stdout and stderr as pytest's capturing leaves them: seekable temporary files."""
    import tempfile

    streams = [Refusing()]
    for _ in range(2):
        file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 (lives as long as the stream)
        streams.append(io.TextIOWrapper(file, encoding="utf-8", errors="replace", newline="", write_through=True))
    return streams


class Server:
    """Reads requests, answers introspection at once and candidates as their forks end."""

    def __init__(self, worktree, requests, answers):
        self.worktree = os.path.realpath(worktree)
        self.requests = requests
        self.answers = answers
        self.children = {}
        self.buffer = b""
        self.warm = replay_warm.Warm()

    def serve(self):
        """Until stdin ends and no child is left."""
        open_input = True
        while open_input or self.children:
            readable = ([self.requests] if open_input else []) + list(self.children)
            ready, _, _ = select.select(readable, [], [], 0.05)
            for descriptor in ready:
                if descriptor in self.children:
                    self.read_child(descriptor)
            if self.requests in ready:
                chunk = os.read(self.requests, 1 << 16)
                open_input = bool(chunk)
                self.buffer += chunk
                self.take_lines()
            self.expire()
            if not open_input:
                for descriptor in list(self.children):
                    self.finish(descriptor, "killed")

    def take_lines(self):
        while b"\n" in self.buffer:
            line, self.buffer = self.buffer.split(b"\n", 1)
            request = json.loads(line.decode("utf-8"))
            if request["op"] in FORKED:
                self.start(request)
            elif request["op"] == "cancel":
                for descriptor, child in list(self.children.items()):
                    if request["ids"] is None or child["id"] in request["ids"]:
                        self.finish(descriptor, "cancelled")
            else:
                self.reply(request["id"], guarded(request, self.worktree))

    def reply(self, number, answer):
        answer["id"] = number
        data = json.dumps(answer).encode("utf-8", "backslashreplace") + b"\n"
        while data:
            data = data[os.write(self.answers.fileno(), data) :]

    def start(self, request):
        gc.freeze()  # what a fork does not collect, it need not copy
        read_end, write_end = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                os.setsid()
                os.close(read_end)
                os.close(self.requests)
                self.answers.close()
                for other in self.children:
                    os.close(other)
                answer = FORKED[request["op"]](request, self.worktree)
                data = json.dumps(answer).encode("utf-8", "backslashreplace")[:MAX_ANSWER]
                while data:
                    data = data[os.write(write_end, data) :]
            except BaseException:
                pass
            finally:
                os._exit(0)
        os.close(write_end)
        self.children[read_end] = {
            "id": request["id"],
            "pid": pid,
            "data": [],
            "deadline": time.monotonic() + float(request.get("timeout", 5.0)),
        }

    def read_child(self, descriptor):
        chunk = os.read(descriptor, 1 << 16)
        if chunk:
            self.children[descriptor]["data"].append(chunk)
        else:
            self.finish(descriptor, "")

    def expire(self):
        now = time.monotonic()
        for descriptor, child in list(self.children.items()):
            if now > child["deadline"]:
                self.finish(descriptor, "timeout")

    def finish(self, descriptor, outcome):
        child = self.children.pop(descriptor)
        os.close(descriptor)
        try:
            os.killpg(child["pid"], signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            try:
                os.kill(child["pid"], signal.SIGKILL)
            except ProcessLookupError:
                pass
        try:
            os.waitpid(child["pid"], 0)
        except ChildProcessError:
            pass
        answer = {"outcome": outcome}
        if not outcome:
            try:
                answer = json.loads(b"".join(child["data"]).decode("utf-8"))
            except ValueError:
                answer = {"outcome": "killed"}
        self.reply(child["id"], answer)
        took = self.warm.take(answer.get("imported") or ())
        for other in self.children.values():
            other["deadline"] += took  # nobody listened to them


class Limit(Exception):
    """Introspection took too long."""


def guarded(request, worktree):
    """An introspection answer; an error becomes `{"error": ...}`."""
    from replay_lookup import OPERATIONS

    def alarm(*_):
        raise Limit()

    previous = signal.signal(signal.SIGALRM, alarm)
    signal.setitimer(signal.ITIMER_REAL, float(request.get("timeout", 20.0)))
    try:
        return OPERATIONS[request["op"]](request, worktree)
    except BaseException as error:
        return {"error": "%s: %s" % (type(error).__name__, str(error)[:300])}
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def run_candidate(request, worktree):
    """Run `source`, a module that defines the test function `name`, and say how it ended."""
    import replay_fixtures
    import replay_report

    known = set(sys.modules)
    sys.stdin, sys.stdout, sys.stderr = fresh_streams()
    reporter = replay_report.Reporter(worktree)
    started = time.monotonic()
    sys.argv = ["pytest"]
    watched = request.get("watch")
    tracer = replay_report.Watcher(watched, reporter) if watched else None
    answer = {"outcome": "returned"}
    try:
        if request.get("observe"):
            bring_observer()
        namespace = replay_report.load(request["source"], reporter.filename)
        function = namespace[request["name"]]
        function, arguments = prepared(function, replay_fixtures.Fixtures())
        if tracer:
            tracer.start()
        try:
            value = call_deep(function, arguments, int(request.get("depth", 0)))
        finally:
            if tracer:
                tracer.stop()
        answer["value"] = replay_report.describe(value)
    except BaseException as error:
        sys.settrace(None)
        sys.setrecursionlimit(max(sys.getrecursionlimit(), 1000) + 300)
        answer = {"outcome": "raised", "exceptions": reporter.report(error)}
    answer["ran"] = bool(tracer and tracer.seen)
    answer["seconds"] = time.monotonic() - started
    answer["imported"] = replay_warm.outside([name for name in list(sys.modules) if name not in known], worktree)
    return answer


def bring_observer():
    """Import what a candidate asks of its values; candidates cannot see this folder."""
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path.insert(0, here)
    try:
        import replay_mocks  # noqa: F401
        import replay_observe  # noqa: F401
    finally:
        sys.path.remove(here)


def fuzzed(request, worktree):
    """What changing a program's values found; an error of the program itself finds nothing."""
    import replay_fixtures
    import replay_fuzz

    sys.stdin, sys.stdout, sys.stderr = fresh_streams()
    sys.argv = ["pytest"]
    try:
        return replay_fuzz.fuzz(request, worktree, replay_fixtures.Fixtures().make)
    except BaseException as error:
        sys.settrace(None)
        return {"finds": [], "error": "%s: %s" % (type(error).__name__, str(error)[:300])}


def loaded(request, worktree):
    """The files of what is imported; see `replay_warm.loaded_files`."""
    return replay_warm.loaded_files(request)


FORKED = {"run": run_candidate, "fuzz": fuzzed, "files": loaded}


def prepared(function, fixtures):
    """The function to call with its fixtures; a coroutine function runs to its end in a loop of its own."""
    import inspect

    if not inspect.iscoroutinefunction(function):
        return function, fixtures.for_function(function)
    import asyncio

    async def whole():
        return await function(**await fixtures.for_coroutine(function))

    return (lambda: asyncio.run(whole())), {}


def call_deep(function, arguments, depth):
    """Call with `depth` extra frames below, as pytest has them, so that recursion ends alike."""
    if depth > 0:
        return call_deep(function, arguments, depth - 1)
    return function(**arguments)


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    import replay_fixtures  # noqa: F401
    import replay_fuzz  # noqa: F401
    import replay_lookup  # noqa: F401
    import replay_report  # noqa: F401

    main()
