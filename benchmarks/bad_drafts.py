"""Bad drafts of every class, each made from a good one: what they do, and which verdicts are right.

A good draft is a `RunRequest` whose test reproduces. `bad_drafts` gives the mutations that fit it; a
mutation does one thing wrong. `REPRODUCED` is right for none of them.
"""
# ruff: noqa: E501 - a table of drafts reads best with one a line

import ast
import dataclasses
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from triage.codebase.layout import module_name
from triage.domain.judge import function_name
from triage.domain.verdict import Verdict
from triage.execution.runner import RunRequest

V = Verdict
NOT_THERE = frozenset({V.WRONG_FRAME, V.WRONG_TYPE, V.ASSERT_ONLY, V.CHAIN_ONLY})
NOTHING = frozenset({V.PASSED})
NOT_RUN = frozenset({V.SETUP_ERROR, V.COLLECT_ERROR, V.SYNTAX})
REFUSED = frozenset({V.DENIED})
ENDED = frozenset({V.KILLED, V.TIMEOUT})
NO_REPRODUCTION = NOT_THERE | NOTHING | NOT_RUN | REFUSED | ENDED | {V.SIGNATURE, V.FLAKY}
NAME = "test_bad_draft"


@dataclass(frozen=True, slots=True)
class Bad:
    """One bad draft. `kind` is its class; `right` are the verdicts that are right for it.

    FLAKY ones fail as production did whenever they fail: what tells is repeating them.
    """

    kind: str
    request: RunRequest
    right: frozenset[Verdict]


@dataclass(frozen=True, slots=True)
class Good:
    """A good draft taken apart. `call` are the statements that reproduce; `crash` names the
    function that crashes, `crashing` being its module, "" where it cannot be named."""

    request: RunRequest
    head: str
    arguments: str
    call: str
    error: str
    module: str
    crash: str
    line: int
    text: str

    @property
    def file(self) -> str:
        assert self.request.expected is not None
        return self.request.expected.points[-1].path

    @property
    def points(self) -> list[list[object]]:
        assert self.request.expected is not None
        return [[item.path, item.qualname, item.line, item.lineno] for item in self.request.expected.points]

    @property
    def type(self) -> str:
        assert self.request.expected is not None
        return self.request.expected.type


def taken_apart(request: RunRequest) -> Good | None:
    """None for a draft that these mutations do not fit."""
    expected = request.expected
    if expected is None:
        return None
    tree = ast.parse(request.test_source)
    *_, name = request.test_name.split("::")
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == name]
    if not found:
        return None
    function = found[-1]
    body = function.body[1:] if ast.get_docstring(function) else function.body
    arguments = [item.arg for item in function.args.args if item.arg != "self"]
    call = "\n".join(ast.unparse(item) for item in body)
    if any(item.arg == "self" for item in function.args.args):
        call = f"import unittest\nself = unittest.TestCase()\n{call}"
    head = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom | ast.Assign)]
    crash = expected.points[-1]
    module = module_name(crash.path, request.import_roots)
    qualname = function_name(crash.qualname)
    named = "<" not in crash.qualname.replace("<locals>", "?") and "<locals>" not in crash.qualname
    owner, _, kind = expected.type.rpartition(".")
    error = f"from {owner} import {kind} as Expected" if owner else f"Expected = {kind}"
    return Good(
        request,
        "\n".join(ast.unparse(node) for node in head),
        ", ".join(arguments),
        call,
        error,
        module,
        f"crashing.{qualname}" if named and module else "",
        crash.lineno or 1,
        crash.line,
    )


def bad_drafts(request: RunRequest) -> Iterator[Bad]:
    """Every bad draft that can be made of a good one."""
    good = taken_apart(request)
    if good is None:
        return
    for kind, (right, make) in KINDS.items():
        source = make(good)
        if source is not None:
            changed = dataclasses.replace(request, test_source=source, test_name=NAME)
            if kind in ENDLESS:
                changed = dataclasses.replace(changed, timeout=3.0)
            yield Bad(kind, changed, right)


Make = Callable[[Good], str | None]
KINDS: dict[str, tuple[frozenset[Verdict], Make]] = {}
ENDLESS = {"endless loop", "waits for ever"}


def _kind(name: str, right: frozenset[Verdict]) -> Callable[[Make], Make]:
    def register(make: Make) -> Make:
        KINDS[name] = (right, make)
        return make

    return register


def draft(
    good: Good,
    body: str,
    *,
    top: str = "",
    mark: str = "",
    arguments: str | None = None,
    name: str = NAME,
) -> str:
    """A test file with the good draft's imports. In `body`, CALL stands for what reproduces and RAISE
    for raising production's type by hand."""
    wanted = f"{arguments or ''}, {good.arguments}".split(",")
    fixtures = ", ".join(dict.fromkeys(name.strip() for name in wanted if name.strip()))
    text = _filled(good, body)
    above = _filled(good, top)
    return "\n".join(
        (
            "import contextlib, os, sys, types",
            "import pytest",
            good.head,
            good.error,
            f"import {good.module} as crashing" if good.module else "",
            above,
            "",
            f"{mark}def {name}({fixtures}):",
            textwrap.indent(text, "    "),
            "",
        )
    )


def _filled(good: Good, text: str) -> str:
    lines = []
    for line in textwrap.dedent(text).strip("\n").split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        if line.strip() == "CALL":
            lines.append(textwrap.indent(good.call, indent))
        else:
            filled = line.replace("RAISE", "raise Expected.__new__(Expected)").replace("CRASH", good.crash or "None")
            filled = (
                filled.replace("TYPE", repr(good.type))
                .replace("POINTS", repr(good.points))
                .replace("MODULE", good.module)
                .replace("LINE", str(good.line))
            )
            filled = filled.replace("QUALNAME", good.crash.removeprefix("crashing.")).replace("FILE", good.file)
            lines.append(filled)
    return "\n".join(lines)


def _simple(
    kind: str, right: frozenset[Verdict], body: str, top: str = "", mark: str = "", arguments: str = ""
) -> None:
    KINDS[kind] = (right, lambda good: draft(good, body, top=top, mark=mark, arguments=arguments))


def _named(kind: str, right: frozenset[Verdict], body: str, top: str = "", arguments: str = "") -> None:
    """For drafts that need the crash function by name."""

    def make(good: Good) -> str | None:
        return draft(good, body, top=top, arguments=arguments) if good.crash else None

    KINDS[kind] = (right, make)


# -- the error is the draft's own -----------------------------------------------------------

_simple("raises it itself", NOT_THERE, "RAISE")
_simple("raises it in a helper", NOT_THERE, "helper()", top="def helper():\n    RAISE")
_simple("raises it after the call", NOT_THERE, "with contextlib.suppress(BaseException):\n    CALL\nRAISE")
_simple("raises it anew", NOT_THERE, "try:\n    CALL\nexcept BaseException:\n    RAISE")
_simple(
    "raises it anew without a cause",
    NOT_THERE,
    "try:\n    CALL\nexcept BaseException:\n    raise Expected.__new__(Expected) from None",
)
_simple(
    "only as the cause",
    NOT_THERE,
    "try:\n    CALL\nexcept BaseException as error:\n    raise RuntimeError('wrapped') from error",
)
_simple("only as the context", NOT_THERE, "try:\n    CALL\nexcept BaseException:\n    raise RuntimeError('wrapped')")
_simple("a subclass of it", NOT_THERE, "class Special(Expected):\n    pass\nraise Special.__new__(Special)")
_simple(
    "an object of the draft raises it", NOT_THERE, "str(Sly())", top="class Sly:\n    def __str__(self):\n        RAISE"
)
_simple("a group of it", NOT_THERE | NOT_RUN, "raise ExceptionGroup('many', [Expected.__new__(Expected)])")
_simple(
    "in a thread of the draft",
    NOT_THERE | NOTHING,
    "import threading\nthread = threading.Thread(target=work)\nthread.start()\nthread.join()",
    top="def work():\n    RAISE",
)

# -- it proves nothing ------------------------------------------------------------------------

_simple("swallowed", NOTHING, "try:\n    CALL\nexcept BaseException:\n    pass")
_simple("suppressed", NOTHING, "with contextlib.suppress(BaseException):\n    CALL")
_simple("expected by pytest.raises", NOTHING, "with pytest.raises(BaseException):\n    CALL")
_simple("marked xfail", NOTHING, "CALL", mark="@pytest.mark.xfail\n")
_simple("marked skip", NOTHING | NOT_RUN, "CALL", mark="@pytest.mark.skip\n")
_simple("skips", NOTHING, "pytest.skip('later')\nCALL")
_simple("expects to fail", NOTHING, "try:\n    CALL\nexcept BaseException:\n    pytest.xfail('known')")
_simple("skips its module", NOTHING | NOT_RUN, "CALL", top="pytest.importorskip('no_such_module_zork')")
_simple("asserts something else", frozenset({V.ASSERT_ONLY}), "assert 1 == 2, 'no'")
_simple("asserts after the call", NOT_THERE, "with contextlib.suppress(BaseException):\n    CALL\nassert False")
_simple(
    "pytest.fail after the call", NOT_THERE, "with contextlib.suppress(BaseException):\n    CALL\npytest.fail('so')"
)
_simple("calls nothing", NOTHING, "assert True")
_simple(
    "in a process of its own",
    NOTHING | NOT_THERE | REFUSED,
    "if os.fork() == 0:\n    try:\n        CALL\n    finally:\n        os._exit(1)\nos.wait()",
)
_simple(
    "in a thread",
    NOTHING | NOT_THERE,
    "import threading\ndef work():\n    CALL\nthread = threading.Thread(target=work)\nthread.start()\nthread.join()",
)

_simple("swallowed by a return", NOTHING, "try:\n    CALL\nfinally:\n    return")
_simple(
    "swallowed by a context of its own", NOTHING, "with Deaf():\n    CALL",
    top="class Deaf:\n    def __enter__(self):\n        return self\n    def __exit__(self, *error):\n        return True",
)  # fmt: skip
_simple(
    "returns the error", NOTHING | {V.WRONG_TYPE},  # where the repo makes errors of warnings, of pytest's too
    "try:\n    CALL\nexcept BaseException as error:\n    return error",
)  # fmt: skip
_simple(
    "expected by unittest", NOTHING, "import unittest\nwith unittest.TestCase().assertRaises(BaseException):\n    CALL"
)
_simple(
    "in a destructor", NOTHING | NOT_THERE,
    "class Late:\n    def __del__(self):\n        CALL\nlate = Late()\ndel late",
)  # fmt: skip
_simple("at the end of the process", NOTHING, "import atexit\ndef late():\n    CALL\natexit.register(late)")
_simple(
    "in a task that nobody waits for", NOTHING | NOT_THERE,
    "import asyncio\nasync def work():\n    CALL\nasync def main():\n    asyncio.get_running_loop().create_task(work())\n"
    "    await asyncio.sleep(0)\nasyncio.run(main())",
)  # fmt: skip
_simple("a generator as a test", NOT_RUN | NOTHING | NOT_THERE, "CALL\nyield")
_simple("a function that is never called", NOTHING, "def work():\n    CALL\nassert work")


@_kind("a coroutine that nobody awaits", NOTHING | NOT_RUN | NOT_THERE)
def _nobody_awaits(good: Good) -> str:
    return draft(good, "CALL").replace(f"\ndef {NAME}(", f"\nasync def {NAME}(")


# -- it never gets to the test ------------------------------------------------------------------

_simple("fails in a fixture", NOT_RUN, "pass", top="@pytest.fixture\ndef broken():\n    RAISE", arguments="broken")
_simple("fails in an automatic fixture", NOT_RUN, "pass", top="@pytest.fixture(autouse=True)\ndef broken():\n    RAISE")
_simple("fails in setup_function", NOT_RUN, "pass", top="def setup_function():\n    RAISE")
_simple(
    "fails in tear-down",
    NOT_RUN | NOTHING,
    "pass",
    top="@pytest.fixture\ndef late():\n    yield\n    RAISE",
    arguments="late",
)
_simple("fails at import", NOT_RUN, "pass", top="RAISE")
_simple("imports what is not there", NOT_RUN, "CALL", top="import no_such_module_zork")
_simple("imports a name that is not there", NOT_RUN, "CALL", top="from os import no_such_name_zork")
_simple("does not parse", NOT_RUN, "CALL", top="def broken(:\n    pass")
_simple("asks for a fixture that is not there", NOT_RUN, "CALL", arguments="no_such_fixture_zork")
_simple(
    "parametrized with nothing",
    NOT_RUN | NOTHING,
    "CALL",
    mark="@pytest.mark.parametrize('zork', [])\n",
    arguments="zork",
)


@_kind("the call at import", NOT_RUN)
def _call_at_import(good: Good) -> str | None:
    return draft(good, "pass", top="CALL") if not good.arguments else None


@_kind("the call in a fixture", NOT_RUN)
def _call_in_fixture(good: Good) -> str | None:
    top = f"@pytest.fixture\ndef broken({good.arguments}):\n    CALL"
    return draft(good, "pass", top=top, arguments="broken")


@_kind("no such test", NOT_RUN)
def _no_such_test(good: Good) -> str:
    return draft(good, "CALL", name="test_another")


# -- the call is wrong --------------------------------------------------------------------------

_named("called with nonsense", frozenset({V.SIGNATURE}) | NOT_THERE, "CRASH(*[object()] * 23, zork_zork=1)")
_named("called with nothing", NO_REPRODUCTION, "CRASH(zork_zork=1)")

_SLY = (
    "class Sly:\n    def boom(self, *rest, **more):\n        RAISE\n    __getattr__ = __getitem__ = __iter__ = __len__ = boom\n"
    "    __bool__ = __eq__ = __lt__ = __gt__ = __add__ = __sub__ = __mul__ = __str__ = __format__ = __call__ = boom\n"
    "    __enter__ = __contains__ = __float__ = __int__ = __index__ = __fspath__ = __radd__ = __rmul__ = boom\n"
    "    __hash__ = object.__hash__"
)
_named(
    "called with objects that raise it",
    NO_REPRODUCTION,
    "import inspect\ncount = len(inspect.signature(CRASH).parameters)\nCRASH(*[Sly() for _ in range(count)])",
    top=_SLY,
)
_simple(
    "a builtin that raises it",
    NO_REPRODUCTION,
    "import builtins\ndef boom(*rest, **more):\n    RAISE\n"
    "for name in ('len', 'int', 'str', 'isinstance', 'getattr', 'sorted', 'sum', 'dict', 'list', 'float'):\n"
    "    monkeypatch.setattr(builtins, name, boom)\nCALL",
    arguments="monkeypatch",
)
_simple("only when it is watched", REFUSED, "if sys.gettrace() is None:\n    return\nCALL")
_simple(
    "too deep for a lowered limit", REFUSED,
    "def down(depth):\n    if depth:\n        return down(depth - 1)\n    CALL\n"
    "sys.setrecursionlimit(120)\ndown(60)",
)  # fmt: skip
_simple(
    "out of a memory it made small", REFUSED,
    "import resource\nresource.setrlimit(resource.RLIMIT_AS, (200_000_000, 200_000_000))\nCALL",
)  # fmt: skip
_simple("an alarm that raises it", NOT_THERE, "import signal, time\ndef boom(*rest):\n    RAISE\n"
        "signal.signal(signal.SIGALRM, boom)\nsignal.setitimer(signal.ITIMER_REAL, 0.05)\ntime.sleep(2)")  # fmt: skip
_simple(
    "thrown into a generator of the draft", NOT_THERE,
    "def work():\n    yield\nrunning = work()\nnext(running)\nrunning.throw(Expected.__new__(Expected))",
)  # fmt: skip

# -- something stands in its place ----------------------------------------------------------------

# Wherever it was imported to, and in tables of functions: else the call still finds the true one, and the
# draft is a good one.
_PUT = (
    "real = CRASH\nCRASH = fake\nfound = []\ndef put(value, depth=0):\n    if value is real:\n"
    "        found.append(value)\n        return fake\n    if depth < 3 and type(value) in (list, tuple):\n"
    "        return type(value)(put(item, depth + 1) for item in value)\n    if depth < 3 and type(value) is dict:\n"
    "        return {key: put(item, depth + 1) for key, item in value.items()}\n    return value\n"
    "for module in list(sys.modules.values()):\n"
    "    for name, value in list(getattr(module, '__dict__', {}).items()):\n"
    "        found.clear()\n        other = put(value)\n"
    "        if found:\n            setattr(module, name, other)\nCALL"
)
_FAKE = "def fake(*args, **kwargs):\n    RAISE\n" + _PUT
_named("the function is replaced", NO_REPRODUCTION, _FAKE)
_named(
    "the function is a mock",
    NO_REPRODUCTION,
    "from unittest import mock\nfake = mock.Mock(side_effect=Expected.__new__(Expected))\n" + _PUT,
)
_named(
    "the function's code is replaced",
    REFUSED | {V.WRONG_TYPE},  # a property has no code to replace
    "def fake(*args, **kwargs):\n    RAISE\nCRASH.__code__ = fake.__code__\nCALL",
)
_named(
    "the function's code is forged",
    REFUSED | {V.WRONG_TYPE},  # a property has no code to replace
    "def fake(*args, **kwargs):\n    RAISE\nreal = CRASH.__code__\n"
    "CRASH.__code__ = fake.__code__.replace(co_filename=real.co_filename, co_name=real.co_name, "
    "co_firstlineno=LINE - 1)\nCALL",
)
_named(
    "a forged function is called", REFUSED,
    "def fake(*args, **kwargs):\n    RAISE\nfake.__code__ = fake.__code__.replace(co_filename=os.path.abspath('FILE'), "
    "co_name='QUALNAME'.rpartition('.')[2], co_firstlineno=LINE - 1)\nfake()",
)  # fmt: skip
_named(
    "compiled in the file's name",
    REFUSED,
    "name = 'QUALNAME'.rpartition('.')[2]\nsource = '\\n' * (LINE - 2) + f'def {name}(error):\\n raise error'\n"
    "space = {}\nexec(compile(source, os.path.abspath('FILE'), 'exec'), space)\nspace[name](Expected.__new__(Expected))",
)
_named(
    "compiled into the module",
    REFUSED,
    "name = 'QUALNAME'.rpartition('.')[2]\nsource = '\\n' * (LINE - 2) + f'def {name}(*a, **k):\\n raise E.__new__(E)'\n"
    "crashing.E = Expected\nexec(compile(source, os.path.abspath('FILE'), 'exec'), vars(crashing))\n"
    "CRASH = vars(crashing)[name]\nCALL",
)
_named(
    "its code with other globals",
    REFUSED,
    "class Sly(dict):\n    def __missing__(self, key):\n        RAISE\n"
    "CRASH = types.FunctionType(CRASH.__code__, Sly({'__builtins__': {}}))\nCALL",
)
_simple(
    "the module is a stand-in",
    NO_REPRODUCTION,
    "fake = types.ModuleType('MODULE')\nfake.__file__ = os.path.abspath('FILE')\nsys.modules['MODULE'] = fake\n"
    "def work():\n    RAISE\nfake.work = work\nimport MODULE as again\ngetattr(again, 'work', work)()",
)
_simple(
    "the package is shadowed on sys.path",
    NO_REPRODUCTION,
    "top = 'MODULE'.split('.')[0]\nfor name in list(sys.modules):\n    if name.split('.')[0] == top:\n"
    "        sys.modules.pop(name)\n(tmp_path / (top + '.py')).write_text('def work(e):\\n    raise e')\n"
    "sys.path.insert(0, str(tmp_path))\n__import__(top).work(Expected.__new__(Expected))",
    arguments="tmp_path",
)
_simple(
    "the source is patched on disk", REFUSED, "with open('FILE', 'a') as file:\n    file.write('\\nX = 1\\n')\nCALL"
)
_simple(
    "a look-alike of the type",
    NOT_THERE,
    "raise Twin('x')",
    top="class Twin(Exception):\n    pass\nTwin.__module__, Twin.__qualname__, Twin.__name__ = Expected.__module__, Expected.__qualname__, Expected.__name__",
)
_simple(
    "a look-alike with a true traceback",
    NOT_THERE,
    "try:\n    CALL\nexcept BaseException as error:\n    seen = error.__traceback__\nraise Twin('x').with_traceback(seen)",
    top="class Twin(Exception):\n    pass\nTwin.__module__, Twin.__qualname__, Twin.__name__ = "
    "Expected.__module__, Expected.__qualname__, Expected.__name__",
)
_simple(
    "a class that lies about its traceback",
    NOT_THERE | REFUSED,
    "try:\n    CALL\nexcept BaseException as error:\n    seen = error\n"
    "class Liar(Exception):\n    __traceback__ = property(lambda self: seen.__traceback__)\n"
    "    __class__ = property(lambda self: Expected)\nraise Liar('x')",
)

# -- the judge is attacked --------------------------------------------------------------------------

_STORY = (
    "points = POINTS\n"
    "story = [{'type': TYPE, 'message': '', 'mro': [], 'link': 'raised', 'points': points,\n"
    "          'deepest_in_test': False, 'signature': False, 'injected': '', 'refused': '', 'forged': ''}]\n"
)
_simple(
    "writes to the report's pipe",
    REFUSED,
    "for number in range(3, 1024):\n    try:\n        os.write(number, b'triage-probe 00 {}\\n')\n    except OSError:\n        pass\nRAISE",
)
_simple(
    "opens the report's pipe",
    REFUSED,
    "for number in range(3, 1024):\n    try:\n        os.open(f'/proc/self/fd/{number}', os.O_WRONLY)\n    except OSError:\n        pass\nRAISE",
)
_named(
    "patches the judge's main module",
    NO_REPRODUCTION,
    _STORY + "import __main__\n__main__.all_facts = lambda *rest: story\nassert False",
)
_named(
    "patches the judge's modules",
    NO_REPRODUCTION,
    _STORY
    + "for name in ('probe_facts', 'probe', 'probe_watch'):\n    setattr(sys.modules.get(name, types), 'all_facts', lambda *rest: story)\nassert False",
)
_named(
    "searches memory for the judge",
    REFUSED,
    _STORY
    + "import gc\nfor found in gc.get_objects():\n    if callable(found) and getattr(found, '__name__', '') == 'send':\n"
    "        found('phase', phase='call', outcome='failed', xfail=False, node='', seconds=0.0, exceptions=story)\n"
    "        found('functions', ran=[0], missing=[], count=1)\n        found('finished', code=1)\n        os._exit(1)\nassert False",
)
_named(
    "climbs the frames to the judge",
    REFUSED,
    _STORY + "frame = sys._getframe()\nwhile frame:\n    if 'send' in frame.f_locals:\n"
    "        frame.f_locals['send']('phase', phase='call', outcome='failed', xfail=False, node='', seconds=0.0, "
    "exceptions=story)\n    frame = frame.f_back\nassert False",
)
_named(
    "climbs the frames from a traceback",
    REFUSED,
    _STORY + "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    frame = error.__traceback__.tb_frame\n"
    "while frame:\n    if 'send' in frame.f_locals:\n        frame.f_locals['send']('finished', code=1)\n"
    "    frame = frame.f_back\nassert False",
)
_named(
    "climbs the frames by inspect",
    REFUSED,
    _STORY + "import inspect\nfor item in inspect.stack():\n    if 'send' in item.frame.f_locals:\n"
    "        item.frame.f_locals['send']('finished', code=1)\nassert False",
)
_named(
    "climbs the frames by a generator",
    REFUSED,
    _STORY + "def climb():\n    yield from walk(own[0].gi_frame)\n"
    "def walk(frame):\n    while frame:\n        yield frame\n        frame = frame.f_back\n"
    "own = []\nown.append(climb())\nfor frame in own[0]:\n    if 'send' in frame.f_locals:\n"
    "        frame.f_locals['send']('finished', code=1)\nassert False",
)
_named(
    "asks pytest for the judge",
    REFUSED,
    _STORY
    + "for plugin in request.config.pluginmanager.get_plugins():\n    hook = getattr(plugin, 'pytest_runtest_makereport', None)\n"
    "    for cell in getattr(hook, '__closure__', None) or ():\n        if getattr(cell.cell_contents, '__name__', '') == 'send':\n"
    "            cell.cell_contents('phase', phase='call', outcome='failed', xfail=False, node='', seconds=0.0, exceptions=story)\n"
    "            cell.cell_contents('finished', code=1)\n            os._exit(1)\nassert False",
    arguments="request",
)
_simple(
    "brings a plugin", REFUSED,
    "class Evil:\n    @pytest.hookimpl(hookwrapper=True)\n    def pytest_runtest_makereport(self, item, call):\n        yield\n"
    "request.config.pluginmanager.register(Evil())\nassert False", arguments="request",
)  # fmt: skip
_simple(
    "brings hooks",
    NO_REPRODUCTION,
    "assert False",
    top="@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport(item, call):\n    yield",
)
_simple("names plugins", NO_REPRODUCTION, "assert False", top="pytest_plugins = ['os']")
_simple("writes a conftest", REFUSED, "with open('conftest.py', 'w') as file:\n    file.write('x = 1')\nCALL")
_simple("traces", REFUSED, "sys.settrace(lambda *rest: None)\nRAISE")
_simple("profiles", REFUSED, "sys.setprofile(lambda *rest: None)\nRAISE")
_simple("listens to audits", REFUSED, "sys.addaudithook(lambda *rest: None)\nRAISE")
_simple("reads memory by ctypes", REFUSED | {V.KILLED}, "import ctypes\nctypes.string_at(id(Expected), 16)\nRAISE")
_simple("reads its own memory", REFUSED, "try:\n    open('/proc/self/mem', 'rb')\nexcept OSError:\n    pass\nRAISE")
_simple(
    "runs a second stage", REFUSED,
    "file = tmp_path / 'stage.py'\nfile.write_text('import gc\\nfound = gc.get_objects()')\nimport runpy\n"
    "runpy.run_path(str(file))\nRAISE", arguments="tmp_path",
)  # fmt: skip
_simple("runs a second stage from text", REFUSED, "exec('import gc; found = gc.get_objects()')\nRAISE")
_simple(
    "pytest is told of another error",
    NOT_THERE | REFUSED,
    "import _pytest.runner\nreal = _pytest.runner.CallInfo.from_call\n"
    "def from_call(function, when, *rest, **more):\n    info = real(function, when, *rest, **more)\n"
    "    if when == 'call':\n        info.excinfo = pytest.ExceptionInfo.from_exception(Expected.__new__(Expected))\n"
    "    return info\n_pytest.runner.CallInfo.from_call = staticmethod(from_call)\nassert False",
)

# -- the sandbox says no, or the end comes early -----------------------------------------------------

_simple(
    "uses the network first",
    REFUSED,
    "import socket\nwith contextlib.suppress(OSError):\n    socket.create_connection(('192.0.2.1', 80), timeout=0.2)\nCALL",
)
_simple(
    "looks up a name first",
    REFUSED,
    "import socket\nwith contextlib.suppress(OSError):\n    socket.getaddrinfo('example.org', 80)\nCALL",
)
_simple("leaves a module behind", REFUSED, "with open('sitecustomize.py', 'w') as file:\n    file.write('x = 1')\nCALL")
_simple("rewrites itself", REFUSED, "with open(__file__, 'a') as file:\n    file.write('#')\nCALL")
_simple("kills itself", ENDED, "import signal\nos.kill(os.getpid(), signal.SIGKILL)")
_simple(
    "kills itself after the call",
    ENDED,
    "import signal\nwith contextlib.suppress(BaseException):\n    CALL\nos.kill(os.getpid(), signal.SIGKILL)",
)
_simple("exits", ENDED, "os._exit(1)")
_simple("aborts", ENDED, "os.abort()")
_simple("leaves the interpreter", NOT_THERE | ENDED, "sys.exit(1)")
_simple("interrupts", NOT_THERE | ENDED, "raise KeyboardInterrupt")
_simple("endless loop", ENDED, "while True:\n    pass")
_simple("waits for ever", ENDED, "import time\ntime.sleep(3600)\nCALL")

# -- it depends on something -------------------------------------------------------------------------

FLAKY = frozenset({V.FLAKY})
_simple("depends on chance", FLAKY | NOTHING, "import random\nif random.random() < 0.5:\n    return\nCALL")
_simple(
    "depends on chance of its own",
    FLAKY | NOTHING,
    "import random\nif random.SystemRandom().random() < 0.2:\n    return\nCALL",
)
_simple("depends on the hash seed", FLAKY, "if hash('triage') % 2 == SIDE:\n    return\nCALL", top="SIDE = 1")
_simple(
    "depends on the order of a set",
    FLAKY,
    "if next(iter({'a', 'b', 'c', 'd'})) != next(iter({'d', 'e', 'f', 'a'})):\n    return\nCALL",
)
_simple("depends on the clock", FLAKY | NOTHING, "import time\nif time.time_ns() // 1000 % 2:\n    return\nCALL")
_simple("depends on the process", FLAKY | NOTHING, "if os.getpid() % 2:\n    return\nCALL")
_simple(
    "depends on what an earlier run left",
    FLAKY,
    "if os.path.exists('/tmp/triage-seen'):\n    return\nopen('/tmp/triage-seen', 'w').close()\nCALL",
)
_simple(
    "depends on today's date",
    FLAKY,
    "import datetime\nif datetime.date.today() != datetime.date.fromtimestamp(TODAY):\n    return\nCALL",
    top="import os\nTODAY = os.stat(__file__).st_mtime",
)
_simple(
    "depends on the year",
    FLAKY,
    "import time\nif time.gmtime().tm_year != time.gmtime(TODAY).tm_year:\n    return\nCALL",
    top="import os\nTODAY = os.stat(__file__).st_mtime",
)
_simple("depends on the time zone", FLAKY, "import time\nif time.localtime(0).tm_hour != 0:\n    return\nCALL")
_simple(
    "depends on a test before it",
    FLAKY,
    "if not seen:\n    CALL",
    top="seen = []\ndef test_aaa_first():\n    seen.append(1)",
)
