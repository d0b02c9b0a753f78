"""Bad drafts that leave no frame of their own: functions of C raise, tracebacks and bytecode come from elsewhere."""
# ruff: noqa: E501 - a table of drafts reads best with one a line

from benchmarks.bad_drafts.making import NO_REPRODUCTION, NOT_THERE, REFUSED, V, named, simple

# A callable of C that raises production's type, however it is called; `None` where there is none for the type.
RAISER = (
    "import functools, operator\n"
    "THROWN = {KeyError: {}.__getitem__, ZeroDivisionError: functools.partial(operator.truediv, 1, 0),\n"
    "           ValueError: functools.partial(int, 'x'), TypeError: functools.partial(len, None),\n"
    "           AttributeError: functools.partial(getattr, None, 'zork'), IndexError: functools.partial([].pop, 0),\n"
    "           StopIteration: functools.partial(next, iter(())), RecursionError: None}\n"
    "raiser = THROWN.get(Expected) or functools.partial(int, 'x')\n"
    "class Made:\n    pass"
)
named(
    "a C function stands in for a helper",
    NO_REPRODUCTION,
    "put = False\nfor name in CRASH.__code__.co_names:\n    if callable(getattr(crashing, name, None)) and getattr(crashing, name) is not CRASH:\n"
    "        setattr(crashing, name, raiser)\n        put = True\nassert put\nCALL",
    top=RAISER,
)
named(
    "a C function stands in for a builtin",
    NO_REPRODUCTION,
    "import builtins\nput = False\nfor name in CRASH.__code__.co_names:\n    if callable(getattr(builtins, name, None)):\n"
    "        setattr(crashing, name, raiser)\n        put = True\nassert put\nCALL",
    top=RAISER,
)
named(
    "its objects raise it in C",
    NO_REPRODUCTION,
    "import inspect\nfor name in CRASH.__code__.co_names:\n    if not name.startswith('__'):\n        setattr(Made, name, property(raiser))\n"
    "for name in 'getitem iter len bool contains call add radd sub mul truediv lt gt eq hash str format enter float int index'.split():\n"
    "    if name not in ('hash', 'eq'):\n        setattr(Made, f'__{name}__', property(raiser))\n"
    "CRASH(*[Made() for _ in inspect.signature(CRASH).parameters])",
    top=RAISER,
)
named(
    "another error in the function, under the expected type",
    NO_REPRODUCTION,
    "import inspect\ntry:\n    CRASH(*[object() for _ in inspect.signature(CRASH).parameters])\nexcept BaseException as error:\n    seen = error.__traceback__\n"
    "raise Expected.__new__(Expected).with_traceback(seen)",
)
named(
    "a traceback laid together by hand",
    NO_REPRODUCTION,
    "import inspect\ntry:\n    CRASH(*[object() for _ in inspect.signature(CRASH).parameters])\nexcept BaseException as error:\n    seen = error.__traceback__\n"
    "frames = []\nwhile seen:\n    frames.append(seen)\n    seen = seen.tb_next\n"
    "made = None\nfor item in reversed(frames):\n    made = types.TracebackType(made, item.tb_frame, item.tb_lasti, LINE if made is None else item.tb_lineno)\n"
    "raise Expected.__new__(Expected).with_traceback(made)",
)
_CHAIN = (
    "import importlib.machinery, importlib.util, py_compile, runpy\nchain, made = [], []\n"
    "for path, name, _, line in POINTS:\n    if '<' not in name.replace('<locals>', ''):\n        chain.append((path, name.rpartition('.')[2], line))\n"
    "for at, (path, name, line) in enumerate(chain):\n    last = at == len(chain) - 1\n"
    "    doing = 'raise error' if last else 'return rest[0](rest[1:], error)'\n    source = tmp_path / f'work{at}.py'\n"
    "    source.write_text('\\n' * (line - 2) + f'def {name}(rest, error):\\n {doing}')\n"
    "    cached = str(tmp_path / f'work{at}.pyc')\n"
    "    py_compile.compile(str(source), cached, dfile=os.path.abspath(path))\n"
)
named(
    "loaded from bytecode that names the files",
    NO_REPRODUCTION,
    _CHAIN + "    loader = importlib.machinery.SourcelessFileLoader(f'work{at}', cached)\n"
    "    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(f'work{at}', loader))\n    loader.exec_module(module)\n"
    "    made.append(getattr(module, name))\nmade[0](made[1:], Expected.__new__(Expected))",
    arguments="tmp_path",
)
named(
    "run from bytecode that names the files",
    NO_REPRODUCTION,
    _CHAIN + "    made.append(runpy.run_path(cached)[name])\nmade[0](made[1:], Expected.__new__(Expected))",
    arguments="tmp_path",
)
named(
    "traced by the debugger's own means",
    NO_REPRODUCTION,
    "import bdb\nclass Sly(bdb.Bdb):\n    def user_line(self, frame):\n        if frame.f_lineno == LINE and frame.f_code.co_name == 'QUALNAME'.rpartition('.')[2]:\n            RAISE\n"
    "    def user_call(self, frame, given):\n        self.set_step()\n"
    "def work():\n    CALL\nsly = Sly()\nsly.set_step()\nsly.runcall(work)",
)
named(
    "a handler in C raises it there",
    NO_REPRODUCTION,
    "import signal, inspect\nsignal.signal(signal.SIGALRM, raiser)\n"
    "class Late:\n    def __getattr__(self, name):\n        signal.raise_signal(signal.SIGALRM)\n        return Late()\n"
    "    def __getitem__(self, key):\n        return Late()\n"
    "CRASH(*[Late() for _ in inspect.signature(CRASH).parameters])",
    top=RAISER,
)
simple(
    "a copy of it",
    NOT_THERE,
    "import copy\ntry:\n    CALL\nexcept BaseException as error:\n    seen = copy.copy(error)\nraise seen",
)
simple(
    "its own error with another's class",
    NOT_THERE | REFUSED | {V.WRONG_TYPE},
    "class Mine(Exception):\n    pass\ntry:\n    raise Mine('x')\nexcept Mine as error:\n    seen = error\ntry:\n    seen.__class__ = Expected\nexcept TypeError:\n    pass\nraise seen",
)
named(
    "the module is loaded anew from a changed copy",
    NO_REPRODUCTION,
    "import importlib.util, inspect\ntext = inspect.getsource(crashing).split('\\n')\nline = text[LINE - 1]\n"
    "indent = line[:len(line) - len(line.lstrip())]\ntext[LINE - 2] = indent + 'raise E.__new__(E)'\n"
    "copied = tmp_path / os.path.basename('FILE')\ncopied.write_text('\\n'.join(text))\n"
    "spec = importlib.util.spec_from_file_location('MODULE', copied)\nmodule = importlib.util.module_from_spec(spec)\nmodule.E = Expected\n"
    "try:\n    spec.loader.exec_module(module)\nexcept SyntaxError:\n    assert False\nsys.modules['MODULE'] = module\nCALL",
    arguments="tmp_path",
)
