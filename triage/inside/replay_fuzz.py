"""Changes the literals of a call until the target fails at the expected line, steered by lines reached.

Standard library only, Python 3.8+. Runs in a fork of the replay server, in the sandbox. A program
`scenario(values)` is run over and over; a set of values that reaches new lines of the functions
on the expected stack is kept and changed further (greybox fuzzing: the loop of AFL, with the
stack as the target). What it finds is only proposed: each find is run again by itself and judged.
"""

import inspect
import os
import random
import signal
import sys
import time

import replay_report
from replay_mutate import Mutator, constants_of, simpler

PER_RUN = 0.4
PER_DEEP_RUN = 3.0
MOST_FINDS = 24
MOST_POOL = 200
MOST_EDGES = 160
MOST_KEPT = 16
# Runs after which a call that never came near the stack is given up.
HOPELESS = 120


class TooSlow(BaseException):
    """One run took too long."""


class Target:
    """Where the failure is expected, and which functions lead there."""

    def __init__(self, request, worktree):
        self.root = os.path.realpath(worktree) + os.sep
        self.type = request["type"]
        self.path, self.function, self.line = request["crash"]
        self.steps = {(path, name): at for at, (path, name) in enumerate(request["steps"])}
        self.known = {}

    def inside(self, filename):
        """The path below the worktree, "" for any other file."""
        if filename not in self.known:
            path = os.path.realpath(filename)
            self.known[filename] = path[len(self.root) :].replace(os.sep, "/") if path.startswith(self.root) else ""
        return self.known[filename]

    def hit(self, error, own):
        """Whether the error is the expected one: its type, and the deepest frame of the worktree."""
        if replay_report.type_name(type(error)) != self.type:
            return False
        deepest = None
        node = error.__traceback__
        while node is not None:
            code = node.tb_frame.f_code
            path = self.inside(code.co_filename)
            if path and code.co_filename != own:
                deepest = (path, code.co_name, code.co_filename, node.tb_lineno)
            node = node.tb_next
        if self.type == "RecursionError":
            return deepest is not None
        if deepest is None or deepest[:2] != (self.path, self.function):
            return False
        import linecache

        text = linecache.getline(deepest[2], deepest[3] or 0)
        return not self.line or "".join(text.split()) == self.line


class Tracer:
    """Which lines of the expected functions ran, and how deep along the stack the run came."""

    def __init__(self, target):
        self.target = target
        self.steps = {}
        self.codes = {}
        self.lines = set()
        self.depth = -1

    def start(self):
        self.lines = set()
        self.depth = -1
        sys.settrace(self.on_call)

    def on_call(self, frame, event, argument):
        code = frame.f_code
        step = self.steps.get(code)
        if step is None:
            step = self.target.steps.get((self.target.inside(code.co_filename), code.co_name), -1)
            self.steps[code] = step
            if step >= 0:
                self.codes[code] = frame.f_globals
        if step < 0:
            return None
        if step > self.depth:
            self.depth = step
        return self.on_line

    def on_line(self, frame, event, argument):
        if event == "line":
            self.lines.add((self.steps[frame.f_code], frame.f_lineno))
        return self.on_line


class Expression:
    """A value that is only put in as it is; it reads as its source."""

    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return self.text


class Entry:
    """Values that are worth changing further."""

    def __init__(self, values, depth):
        self.values = values
        self.depth = depth
        self.tried = 0
        self.edged = False


def fuzz(request, worktree, fixture):
    """Run until the process has had its seconds or enough was found; `fixture` makes a fixture by name.

    Answers `{"finds": [[repr, ...]], "pool": [[repr, ...]], "depth", "runs"}`; the pool is where to go on.
    """
    program = Program(request, worktree, fixture)
    deadline = time.process_time() + float(request["seconds"])
    seeds = [[program.plain(text) for text in seed] for seed in request["seeds"]]
    return Loop(program, seeds, request, deadline).run()


class Program:
    """The program under test, run with one set of values at a time."""

    def __init__(self, request, worktree, fixture):
        self.filename = os.path.join(os.path.realpath(worktree), replay_report.CANDIDATE)
        self.target = Target(request, worktree)
        self.tracer = Tracer(self.target)
        self.fixture = fixture
        self.names = replay_report.load(request["source"], self.filename)
        self.function = self.names["scenario"]
        self.fixtures = [name for name in inspect.signature(self.function).parameters if name != "values"]
        signal.signal(signal.SIGALRM, _alarm)

    def read(self, text):
        """The value of a text that the search wrote: a literal, or an expression of the program's own names."""
        return eval(text, dict(self.names, nan=float("nan"), inf=float("inf")))

    def plain(self, text):
        """The same as a value that can be changed: what is no literal stays its text."""
        try:
            return eval(text, {"__builtins__": {}}, {"nan": float("nan"), "inf": float("inf")})
        except Exception:
            return Expression(text)

    def run(self, values):
        """(lines, depth, whether it failed as expected)."""
        tracer = self.tracer
        signal.setitimer(signal.ITIMER_REAL, PER_DEEP_RUN if self.target.type == "RecursionError" else PER_RUN)
        hit = False
        try:
            more = {name: self.fixture(name) for name in self.fixtures}
            tracer.start()
            self.function(values=values, **more)
        except TooSlow:
            pass
        except BaseException as error:
            sys.settrace(None)
            signal.setitimer(signal.ITIMER_REAL, 0)
            try:
                hit = self.target.hit(error, self.filename)
            except Exception:
                hit = False
        finally:
            sys.settrace(None)
            signal.setitimer(signal.ITIMER_REAL, 0)
        return tracer.lines, tracer.depth, hit


def _alarm(*_):
    raise TooSlow()


class Loop:
    """The pool, and what was found."""

    def __init__(self, program, seeds, request, deadline):
        self.program = program
        self.request = request
        self.deadline = deadline
        self.random = random.Random(int(request.get("seed", 0)))
        self.pool = []
        self.covered = set()
        self.finds = []
        self.seen = set()
        self.runs = 0
        self.best = -1
        self.said = [program.plain(text) for text in request.get("said") or ()]
        self.mutator = Mutator(self.random, self.said, [], bool(request.get("tame")), self.program.target.type)
        for seed in seeds:
            self.attempt(seed, seed, keep=True)
        self.learn()

    def learn(self):
        """Words that the code on the way compares with: its constants and its regular expressions."""
        words = []
        for code, names in list(self.program.tracer.codes.items()):
            words += constants_of(code, names)
        self.mutator.words = list(dict.fromkeys(words))[:400]

    def over(self):
        hopeless = self.best < 0 and self.runs > HOPELESS
        return hopeless or len(self.finds) >= MOST_FINDS or time.process_time() > self.deadline

    def run(self):
        origin = list(self.pool[0].values) if self.pool else []
        while not self.over() and any(entry.values for entry in self.pool):
            entry = self.choose()
            entry.tried += 1
            if not entry.edged:
                self.edge(entry, origin)
                continue
            values = list(entry.values)
            for _ in range(self.random.choice((1, 1, 1, 2, 2, 4))):
                at = self.random.randrange(len(values))
                values[at] = self.mutator.change(values[at])
            self.attempt(values, origin)
        return self.answer()

    def edge(self, entry, origin):
        """Every boundary of every value of an entry, once."""
        entry.edged = True
        for at, value in enumerate(entry.values):
            for edge in self.mutator.edges(value)[:MOST_EDGES]:
                if self.over():
                    return
                self.attempt([*entry.values[:at], edge, *entry.values[at + 1 :]], origin)

    def choose(self):
        """Deeper entries and those tried less come first, with chance for the rest."""
        if self.random.random() < 0.3:
            return self.random.choice(self.pool)
        return min(self.pool, key=lambda entry: (entry.tried + 1) / (2.0 + entry.depth))

    def attempt(self, values, origin, keep=False):
        try:
            key = repr(values)
        except BaseException:
            return
        if key in self.seen or len(key) > (400000 if self.mutator.deep else 20000):
            return
        self.seen.add(key)
        self.runs += 1
        try:
            copied = self.program.read(key)
        except Exception:
            return
        lines, depth, hit = self.program.run(copied)
        self.best = max(self.best, depth)
        if hit:
            self.finds.append(simpler(self.program, values, origin, self.deadline))
            return
        if keep or not lines <= self.covered:
            self.covered |= lines
            if len(self.pool) < MOST_POOL:
                self.pool.append(Entry(values, depth))
            if self.runs % 8 == 0:
                self.learn()

    def answer(self):
        finds = []
        for values in self.finds:
            texts = [repr(value) for value in values]
            if texts not in finds:
                finds.append(texts)
        finds.sort(key=lambda texts: sum(len(text) for text in texts))
        kept = sorted(self.pool, key=lambda entry: -entry.depth)[:MOST_KEPT]
        pool = [[repr(value) for value in entry.values] for entry in kept]
        return {"finds": finds, "pool": pool, "depth": self.best, "runs": self.runs, "covered": len(self.covered)}
