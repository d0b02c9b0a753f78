"""Bad drafts whose error is their own, that prove nothing, never get to the test, or call wrongly."""
# ruff: noqa: E501 - a table of drafts reads best with one a line

from benchmarks.bad_drafts.making import (
    NAME,
    NO_REPRODUCTION,
    NOT_RUN,
    NOT_THERE,
    NOTHING,
    REFUSED,
    Good,
    V,
    draft,
    kind,
    named,
    simple,
)

# -- the error is the draft's own -----------------------------------------------------------

simple("raises it itself", NOT_THERE, "RAISE")
simple("raises it in a helper", NOT_THERE, "helper()", top="def helper():\n    RAISE")
simple("raises it after the call", NOT_THERE, "with contextlib.suppress(BaseException):\n    CALL\nRAISE")
simple("raises it anew", NOT_THERE, "try:\n    CALL\nexcept BaseException:\n    RAISE")
simple(
    "raises it anew without a cause",
    NOT_THERE,
    "try:\n    CALL\nexcept BaseException:\n    raise Expected.__new__(Expected) from None",
)
simple(
    "only as the cause",
    NOT_THERE,
    "try:\n    CALL\nexcept BaseException as error:\n    raise RuntimeError('wrapped') from error",
)
simple("only as the context", NOT_THERE, "try:\n    CALL\nexcept BaseException:\n    raise RuntimeError('wrapped')")
simple("a subclass of it", NOT_THERE, "class Special(Expected):\n    pass\nraise Special.__new__(Special)")
simple(
    "an object of the draft raises it", NOT_THERE, "str(Sly())", top="class Sly:\n    def __str__(self):\n        RAISE"
)
simple("a group of it", NOT_THERE | NOT_RUN, "raise ExceptionGroup('many', [Expected.__new__(Expected)])")
simple(
    "in a thread of the draft",
    NOT_THERE | NOTHING,
    "import threading\nthread = threading.Thread(target=work)\nthread.start()\nthread.join()",
    top="def work():\n    RAISE",
)

# -- it proves nothing ------------------------------------------------------------------------

simple("swallowed", NOTHING, "try:\n    CALL\nexcept BaseException:\n    pass")
simple("suppressed", NOTHING, "with contextlib.suppress(BaseException):\n    CALL")
simple("expected by pytest.raises", NOTHING, "with pytest.raises(BaseException):\n    CALL")
simple("marked xfail", NOTHING, "CALL", mark="@pytest.mark.xfail\n")
simple("marked skip", NOTHING | NOT_RUN, "CALL", mark="@pytest.mark.skip\n")
simple("skips", NOTHING, "pytest.skip('later')\nCALL")
simple("expects to fail", NOTHING, "try:\n    CALL\nexcept BaseException:\n    pytest.xfail('known')")
simple("skips its module", NOTHING | NOT_RUN, "CALL", top="pytest.importorskip('no_such_module_zork')")
simple("asserts something else", frozenset({V.ASSERT_ONLY}), "assert 1 == 2, 'no'")
simple("asserts after the call", NOT_THERE, "with contextlib.suppress(BaseException):\n    CALL\nassert False")
simple("pytest.fail after the call", NOT_THERE, "with contextlib.suppress(BaseException):\n    CALL\npytest.fail('so')")
simple("calls nothing", NOTHING, "assert True")
simple(
    "in a process of its own",
    NOTHING | NOT_THERE | REFUSED,
    "if os.fork() == 0:\n    try:\n        CALL\n    finally:\n        os._exit(1)\nos.wait()",
)
simple(
    "in a thread",
    NOTHING | NOT_THERE,
    "import threading\ndef work():\n    CALL\nthread = threading.Thread(target=work)\nthread.start()\nthread.join()",
)

simple("swallowed by a return", NOTHING, "try:\n    CALL\nfinally:\n    return")
simple(
    "swallowed by a context of its own", NOTHING, "with Deaf():\n    CALL",
    top="class Deaf:\n    def __enter__(self):\n        return self\n    def __exit__(self, *error):\n        return True",
)  # fmt: skip
simple(
    "returns the error", NOTHING | {V.WRONG_TYPE},  # where the repo makes errors of warnings, of pytest's too
    "try:\n    CALL\nexcept BaseException as error:\n    return error",
)  # fmt: skip
simple(
    "expected by unittest", NOTHING, "import unittest\nwith unittest.TestCase().assertRaises(BaseException):\n    CALL"
)
simple(
    "in a destructor", NOTHING | NOT_THERE,
    "class Late:\n    def __del__(self):\n        CALL\nlate = Late()\ndel late",
)  # fmt: skip
simple("at the end of the process", NOTHING, "import atexit\ndef late():\n    CALL\natexit.register(late)")
simple(
    "in a task that nobody waits for", NOTHING | NOT_THERE,
    "import asyncio\nasync def work():\n    CALL\nasync def main():\n    asyncio.get_running_loop().create_task(work())\n"
    "    await asyncio.sleep(0)\nasyncio.run(main())",
)  # fmt: skip
simple("a generator as a test", NOT_RUN | NOTHING | NOT_THERE, "CALL\nyield")
simple("a function that is never called", NOTHING, "def work():\n    CALL\nassert work")


@kind("a coroutine that nobody awaits", NOTHING | NOT_RUN | NOT_THERE)
def _nobody_awaits(good: Good) -> str:
    return draft(good, "CALL").replace(f"\ndef {NAME}(", f"\nasync def {NAME}(")


# -- it never gets to the test ------------------------------------------------------------------

simple("fails in a fixture", NOT_RUN, "pass", top="@pytest.fixture\ndef broken():\n    RAISE", arguments="broken")
simple("fails in an automatic fixture", NOT_RUN, "pass", top="@pytest.fixture(autouse=True)\ndef broken():\n    RAISE")
simple("fails in setup_function", NOT_RUN, "pass", top="def setup_function():\n    RAISE")
simple(
    "fails in tear-down",
    NOT_RUN | NOTHING,
    "pass",
    top="@pytest.fixture\ndef late():\n    yield\n    RAISE",
    arguments="late",
)
simple("fails at import", NOT_RUN, "pass", top="RAISE")
simple("imports what is not there", NOT_RUN, "CALL", top="import no_such_module_zork")
simple("imports a name that is not there", NOT_RUN, "CALL", top="from os import no_such_name_zork")
simple("does not parse", NOT_RUN, "CALL", top="def broken(:\n    pass")
simple("asks for a fixture that is not there", NOT_RUN, "CALL", arguments="no_such_fixture_zork")
simple(
    "parametrized with nothing",
    NOT_RUN | NOTHING,
    "CALL",
    mark="@pytest.mark.parametrize('zork', [])\n",
    arguments="zork",
)


@kind("the call at import", NOT_RUN)
def _call_at_import(good: Good) -> str | None:
    return draft(good, "pass", top="CALL") if not good.arguments else None


@kind("the call in a fixture", NOT_RUN)
def _call_in_fixture(good: Good) -> str | None:
    top = f"@pytest.fixture\ndef broken({good.arguments}):\n    CALL"
    return draft(good, "pass", top=top, arguments="broken")


@kind("no such test", NOT_RUN)
def _no_such_test(good: Good) -> str:
    return draft(good, "CALL", name="test_another")


# -- the call is wrong --------------------------------------------------------------------------

named("called with nonsense", frozenset({V.SIGNATURE}) | NOT_THERE, "CRASH(*[object()] * 23, zork_zork=1)")
named("called with nothing", NO_REPRODUCTION, "CRASH(zork_zork=1)")

_SLY = (
    "class Sly:\n    def boom(self, *rest, **more):\n        RAISE\n    __getattr__ = __getitem__ = __iter__ = __len__ = boom\n"
    "    __bool__ = __eq__ = __lt__ = __gt__ = __add__ = __sub__ = __mul__ = __str__ = __format__ = __call__ = boom\n"
    "    __enter__ = __contains__ = __float__ = __int__ = __index__ = __fspath__ = __radd__ = __rmul__ = boom\n"
    "    __hash__ = object.__hash__"
)
named(
    "called with objects that raise it",
    NO_REPRODUCTION,
    "import inspect\ncount = len(inspect.signature(CRASH).parameters)\nCRASH(*[Sly() for _ in range(count)])",
    top=_SLY,
)
simple(
    "a builtin that raises it",
    NO_REPRODUCTION,
    "import builtins\ndef boom(*rest, **more):\n    RAISE\n"
    "for name in ('len', 'int', 'str', 'isinstance', 'getattr', 'sorted', 'sum', 'dict', 'list', 'float'):\n"
    "    monkeypatch.setattr(builtins, name, boom)\nCALL",
    arguments="monkeypatch",
)
simple("only when it is watched", REFUSED, "if sys.gettrace() is None:\n    return\nCALL")
simple(
    "too deep for a lowered limit", REFUSED,
    "def down(depth):\n    if depth:\n        return down(depth - 1)\n    CALL\n"
    "sys.setrecursionlimit(120)\ndown(60)",
)  # fmt: skip
simple(
    "out of a memory it made small", REFUSED,
    "import resource\nresource.setrlimit(resource.RLIMIT_AS, (200_000_000, 200_000_000))\nCALL",
)  # fmt: skip
simple("an alarm that raises it", NOT_THERE, "import signal, time\ndef boom(*rest):\n    RAISE\n"
        "signal.signal(signal.SIGALRM, boom)\nsignal.setitimer(signal.ITIMER_REAL, 0.05)\ntime.sleep(2)")  # fmt: skip
simple(
    "thrown into a generator of the draft", NOT_THERE,
    "def work():\n    yield\nrunning = work()\nnext(running)\nrunning.throw(Expected.__new__(Expected))",
)  # fmt: skip
