"""Pytest plugin that records which test runs which line of a repo, as coverage's SQLite data.

Runs in the target's interpreter (stdlib only, Python 3.8+), loaded with `-p triage_collector`.
`TRIAGE_COLLECT` holds JSON: `data` (file to write), `report` (JSON facts to write), `root` (the
tree whose lines count), `packages` (names that must be imported from there), `coverage` (a folder
that holds a coverage package fit for this interpreter, or ""). Where coverage with its C tracer
cannot be had, lines are recorded with sys.monitoring (3.12+) or sys.settrace. sys.monitoring is
switched on again for every test: coverage's own use of it loses most contexts.
"""

import json
import os
import sqlite3
import sys
import threading
import warnings

import pytest

SETTINGS = json.loads(os.environ.pop("TRIAGE_COLLECT"))
ROOT = os.path.realpath(SETTINGS["root"]) + os.sep
SCHEMA = """
CREATE TABLE coverage_schema (version integer);
CREATE TABLE meta (key text, value text, unique (key));
CREATE TABLE file (id integer primary key, path text, unique (path));
CREATE TABLE context (id integer primary key, context text, unique (context));
CREATE TABLE line_bits (file_id integer, context_id integer, numbits blob,
    foreign key (file_id) references file (id), foreign key (context_id) references context (id),
    unique (file_id, context_id));
CREATE TABLE arc (file_id integer, context_id integer, fromno integer, tono integer,
    unique (file_id, context_id, fromno, tono));
CREATE TABLE tracer (file_id integer primary key, tracer text);
INSERT INTO coverage_schema VALUES (7);
INSERT INTO meta VALUES ('has_arcs', '0'), ('version', 'triage');
"""


class CoverageEngine:
    """coverage's own collector with its C tracer."""

    def __init__(self, data):
        coverage = _import_coverage()
        from coverage.tracer import CTracer  # noqa: F401  raises ImportError without the C tracer

        os.environ["COVERAGE_CORE"] = "ctrace"
        options = {"data_file": data, "include": [ROOT + "*"], "config_file": False}
        if "greenlet" in sys.modules or _exists("greenlet"):
            options["concurrency"] = ["thread", "greenlet"]
        self.coverage = coverage.Coverage(**options)
        try:
            self.coverage.set_option("run:core", "ctrace")
        except Exception:
            pass  # older than the option: then the C tracer is the default
        self.version = coverage.__version__

    def start(self):
        self.coverage.start()
        collector = getattr(self.coverage, "_collector", None)
        self.tracer = collector.tracer_name() if collector is not None else "?"
        if self.tracer not in ("CTracer", "PyTracer"):
            self.coverage.stop()
            raise ImportError("coverage chose " + self.tracer)
        self.name = "coverage " + self.version + " " + self.tracer

    def switch(self, context):
        self.coverage.switch_context(context)

    def finish(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.coverage.stop()
            self.coverage.save()


class OwnEngine:
    """What the two engines without coverage share: line sets by file, written when a test ends."""

    def __init__(self, data):
        self.data = sqlite3.connect(data, check_same_thread=False)
        self.data.executescript(SCHEMA)
        self.files = {}  # co_filename -> set of lines, or None for code outside the root
        self.ids = {}
        self.context = ""
        self.contexts = {}
        self.rows = []
        self.lock = threading.Lock()

    def wanted(self, filename):
        """The line set of a file of the root, None for any other."""
        path = os.path.realpath(os.path.join(SETTINGS["root"], filename))
        self.files[filename] = set() if path.startswith(ROOT) and os.path.exists(path) else None
        return self.files[filename]

    def switch(self, context):
        self.flush()
        self.context = context

    def flush(self):
        with self.lock:
            for filename, lines in list(self.files.items()):
                if lines:
                    path = os.path.realpath(os.path.join(SETTINGS["root"], filename))
                    file_id = self.ids.setdefault(path, len(self.ids) + 1)
                    context_id = self.contexts.setdefault(self.context, len(self.contexts) + 1)
                    self.rows.append((file_id, context_id, numbits(lines)))
                    lines.clear()
            if len(self.rows) > 5000:
                self.write()

    def write(self):
        known = {}
        for file_id, context_id, bits in self.rows:
            key = (file_id, context_id)
            known[key] = union(known[key], bits) if key in known else bits
        for (file_id, context_id), bits in known.items():
            query = "SELECT numbits FROM line_bits WHERE file_id = ? AND context_id = ?"
            old = self.data.execute(query, (file_id, context_id)).fetchone()
            self.data.execute(
                "INSERT OR REPLACE INTO line_bits VALUES (?, ?, ?)",
                (file_id, context_id, union(old[0], bits) if old else bits),
            )
        self.rows = []
        self.data.executemany("INSERT OR IGNORE INTO file VALUES (?, ?)", [(n, p) for p, n in self.ids.items()])
        self.data.executemany("INSERT OR IGNORE INTO context VALUES (?, ?)", [(n, c) for c, n in self.contexts.items()])
        self.data.commit()

    def finish(self):
        self.stop()
        self.flush()
        self.write()
        self.data.close()


class TraceEngine(OwnEngine):
    """Line events of sys.settrace, for Python before 3.12."""

    name = "settrace"

    def start(self):
        self.locals = {}
        threading.settrace(self.trace)
        sys.settrace(self.trace)

    def stop(self):
        sys.settrace(None)
        threading.settrace(None)

    def trace(self, frame, event, arg):
        filename = frame.f_code.co_filename
        try:
            lines = self.files[filename]
        except KeyError:
            lines = self.wanted(filename)
        if lines is None:
            return None
        local = self.locals.get(filename)
        if local is None:
            add = lines.add

            def local(frame, event, arg):
                if event == "line":
                    add(frame.f_lineno)
                return local

            self.locals[filename] = local
        return local


class MonitoringEngine(OwnEngine):
    """Line events of sys.monitoring, each line once a test."""

    name = "sys.monitoring"

    def start(self):
        monitoring = sys.monitoring
        self.tool = next(n for n in (4, 3, 1, 0, 5, 2) if monitoring.get_tool(n) is None)
        monitoring.use_tool_id(self.tool, "triage")
        disable = monitoring.DISABLE
        line_event, start_event = monitoring.events.LINE, monitoring.events.PY_START
        files = self.files

        def on_start(code, offset):
            filename = code.co_filename
            lines = files[filename] if filename in files else self.wanted(filename)
            if lines is not None:
                monitoring.set_local_events(self.tool, code, line_event)
            return disable

        def on_line(code, line):
            lines = files.get(code.co_filename)
            if lines is not None:
                lines.add(line)
            return disable

        monitoring.register_callback(self.tool, start_event, on_start)
        monitoring.register_callback(self.tool, line_event, on_line)
        monitoring.set_events(self.tool, start_event)

    def switch(self, context):
        OwnEngine.switch(self, context)
        sys.monitoring.restart_events()

    def stop(self):
        sys.monitoring.set_events(self.tool, 0)
        sys.monitoring.free_tool_id(self.tool)


def numbits(lines):
    """A set of line numbers as coverage packs it: bit n of byte n // 8."""
    packed = bytearray(max(lines) // 8 + 1)
    for line in list(lines):
        packed[line // 8] |= 1 << line % 8
    return bytes(packed)


def union(left, right):
    longer, shorter = (left, right) if len(left) >= len(right) else (right, left)
    both = bytearray(longer)
    for index, byte in enumerate(shorter):
        both[index] |= byte
    return bytes(both)


def _exists(name):
    import importlib.util

    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _import_coverage():
    """The environment's coverage, else the one we were lent."""
    try:
        import coverage
    except ImportError:
        folder = SETTINGS.get("coverage")
        if not folder:
            raise
        sys.path.insert(0, folder)
        try:
            import coverage
        finally:
            sys.path.remove(folder)
    if not hasattr(coverage.Coverage, "switch_context"):
        raise ImportError("coverage is older than 5.0")
    return coverage


def _engine():
    try:
        engine = CoverageEngine(SETTINGS["data"])
        engine.start()
        return engine
    except Exception as error:  # whatever is wrong with their coverage: record without it
        FACTS["without_coverage"] = "%s: %s" % (type(error).__name__, error)
        if os.path.exists(SETTINGS["data"]):
            os.unlink(SETTINGS["data"])
    engine = MonitoringEngine(SETTINGS["data"]) if hasattr(sys, "monitoring") else TraceEngine(SETTINGS["data"])
    engine.start()
    return engine


def node_id(item):
    """pytest's node id with the path taken from the root of the repo, wherever rootdir is."""
    path = os.path.realpath(str(getattr(item, "path", None) or item.fspath))
    inside, separator, rest = item.nodeid.partition("::")
    if path.startswith(ROOT):
        inside = path[len(ROOT) :].replace(os.sep, "/")
    return inside + separator + rest


FACTS = {"collected": [], "ran": [], "failed": 0, "uncollected": 0, "foreign": [], "engine": "", "total": 0}
PROCESS = os.getpid()
ENGINE = _engine()
FACTS["engine"] = ENGINE.name


def pytest_collection_finish(session):
    FACTS["total"] = len(session.items)
    FACTS["collected"] = [
        node_id(item)
        for item in session.items
        if isinstance(item, pytest.Function) and os.path.realpath(str(item.fspath)).startswith(ROOT)
    ]


def pytest_collectreport(report):
    if report.failed:
        FACTS["uncollected"] += 1


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    ENGINE.switch(node_id(item))
    yield
    ENGINE.switch("")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.when == "call" and not report.skipped:
        FACTS["ran"].append(node_id(item))
    if report.failed:
        FACTS["failed"] += 1


def foreign_modules():
    """Modules of the repo's packages that were imported from elsewhere."""
    packages = set(SETTINGS["packages"])
    found = []
    for name, module in sorted(sys.modules.copy().items()):
        file = getattr(module, "__file__", None)
        if name.partition(".")[0] not in packages or not isinstance(file, str):
            continue
        if not os.path.realpath(file).startswith(ROOT):
            found.append([name, file])
    return found[:20]


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config):
    if os.getpid() != PROCESS:
        return
    ENGINE.finish()
    FACTS["foreign"] = foreign_modules()
    with open(SETTINGS["report"], "w", encoding="utf-8") as stream:
        json.dump(FACTS, stream)
