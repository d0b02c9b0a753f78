"""Bad drafts that attack the judge."""
# ruff: noqa: E501 - a table of drafts reads best with one a line

from benchmarks.bad_drafts.making import NO_REPRODUCTION, NOT_THERE, REFUSED, V, named, simple

# -- the judge is attacked --------------------------------------------------------------------------

_STORY = (
    "points = POINTS\n"
    "story = [{'type': TYPE, 'message': '', 'mro': [], 'link': 'raised', 'points': points,\n"
    "          'deepest_in_test': False, 'signature': False, 'injected': '', 'refused': '', 'forged': ''}]\n"
)
simple(
    "writes to the report's pipe",
    REFUSED,
    "for number in range(3, 1024):\n    try:\n        os.write(number, b'triage-probe 00 {}\\n')\n    except OSError:\n        pass\nRAISE",
)
simple(
    "opens the report's pipe",
    REFUSED,
    "for number in range(3, 1024):\n    try:\n        os.open(f'/proc/self/fd/{number}', os.O_WRONLY)\n    except OSError:\n        pass\nRAISE",
)
named(
    "patches the judge's main module",
    NO_REPRODUCTION,
    _STORY + "import __main__\n__main__.all_facts = lambda *rest: story\nassert False",
)
named(
    "patches the judge's modules",
    NO_REPRODUCTION,
    _STORY
    + "for name in ('probe_facts', 'probe', 'probe_watch'):\n    setattr(sys.modules.get(name, types), 'all_facts', lambda *rest: story)\nassert False",
)
named(
    "searches memory for the judge",
    REFUSED,
    _STORY
    + "import gc\nfor found in gc.get_objects():\n    if callable(found) and getattr(found, '__name__', '') == 'send':\n"
    "        found('phase', phase='call', outcome='failed', xfail=False, node='', seconds=0.0, exceptions=story)\n"
    "        found('functions', ran=[0], missing=[], count=1)\n        found('finished', code=1)\n        os._exit(1)\nassert False",
)
named(
    "climbs the frames to the judge",
    REFUSED,
    _STORY + "frame = sys._getframe()\nwhile frame:\n    if 'send' in frame.f_locals:\n"
    "        frame.f_locals['send']('phase', phase='call', outcome='failed', xfail=False, node='', seconds=0.0, "
    "exceptions=story)\n    frame = frame.f_back\nassert False",
)
named(
    "climbs the frames from a traceback",
    REFUSED,
    _STORY + "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    frame = error.__traceback__.tb_frame\n"
    "while frame:\n    if 'send' in frame.f_locals:\n        frame.f_locals['send']('finished', code=1)\n"
    "    frame = frame.f_back\nassert False",
)
named(
    "climbs the frames by inspect",
    REFUSED,
    _STORY + "import inspect\nfor item in inspect.stack():\n    if 'send' in item.frame.f_locals:\n"
    "        item.frame.f_locals['send']('finished', code=1)\nassert False",
)
named(
    "climbs the frames by a generator",
    REFUSED,
    _STORY + "def climb():\n    yield from walk(own[0].gi_frame)\n"
    "def walk(frame):\n    while frame:\n        yield frame\n        frame = frame.f_back\n"
    "own = []\nown.append(climb())\nfor frame in own[0]:\n    if 'send' in frame.f_locals:\n"
    "        frame.f_locals['send']('finished', code=1)\nassert False",
)
named(
    "asks pytest for the judge",
    REFUSED,
    _STORY
    + "for plugin in request.config.pluginmanager.get_plugins():\n    hook = getattr(plugin, 'pytest_runtest_makereport', None)\n"
    "    for cell in getattr(hook, '__closure__', None) or ():\n        if getattr(cell.cell_contents, '__name__', '') == 'send':\n"
    "            cell.cell_contents('phase', phase='call', outcome='failed', xfail=False, node='', seconds=0.0, exceptions=story)\n"
    "            cell.cell_contents('finished', code=1)\n            os._exit(1)\nassert False",
    arguments="request",
)
simple(
    "brings a plugin", REFUSED,
    "class Evil:\n    @pytest.hookimpl(hookwrapper=True)\n    def pytest_runtest_makereport(self, item, call):\n        yield\n"
    "request.config.pluginmanager.register(Evil())\nassert False", arguments="request",
)  # fmt: skip
simple(
    "brings hooks",
    NO_REPRODUCTION,
    "assert False",
    top="@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport(item, call):\n    yield",
)
simple("names plugins", NO_REPRODUCTION, "assert False", top="pytest_plugins = ['os']")
simple("writes a conftest", REFUSED, "with open('conftest.py', 'w') as file:\n    file.write('x = 1')\nCALL")
simple("traces", REFUSED, "sys.settrace(lambda *rest: None)\nRAISE")
simple("profiles", REFUSED, "sys.setprofile(lambda *rest: None)\nRAISE")
simple("listens to audits", REFUSED, "sys.addaudithook(lambda *rest: None)\nRAISE")
simple("reads memory by ctypes", REFUSED | {V.KILLED}, "import ctypes\nctypes.string_at(id(Expected), 16)\nRAISE")
simple("reads its own memory", REFUSED, "try:\n    open('/proc/self/mem', 'rb')\nexcept OSError:\n    pass\nRAISE")
simple(
    "runs a second stage", REFUSED,
    "file = tmp_path / 'stage.py'\nfile.write_text('import gc\\nfound = gc.get_objects()')\nimport runpy\n"
    "runpy.run_path(str(file))\nRAISE", arguments="tmp_path",
)  # fmt: skip
simple("runs a second stage from text", REFUSED, "exec('import gc; found = gc.get_objects()')\nRAISE")
simple(
    "pytest is told of another error",
    NOT_THERE | REFUSED,
    "import _pytest.runner\nreal = _pytest.runner.CallInfo.from_call\n"
    "def from_call(function, when, *rest, **more):\n    info = real(function, when, *rest, **more)\n"
    "    if when == 'call':\n        info.excinfo = pytest.ExceptionInfo.from_exception(Expected.__new__(Expected))\n"
    "    return info\n_pytest.runner.CallInfo.from_call = staticmethod(from_call)\nassert False",
)
