"""Bad drafts that put something else in the place of what should fail."""
# ruff: noqa: E501 - a table of drafts reads best with one a line

from benchmarks.bad_drafts.making import NO_REPRODUCTION, NOT_THERE, REFUSED, V, named, simple

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
named("the function is replaced", NO_REPRODUCTION, _FAKE)
named(
    "the function is a mock",
    NO_REPRODUCTION,
    "from unittest import mock\nfake = mock.Mock(side_effect=Expected.__new__(Expected))\n" + _PUT,
)
named(
    "the function's code is replaced",
    REFUSED | {V.WRONG_TYPE},  # a property has no code to replace
    "def fake(*args, **kwargs):\n    RAISE\nCRASH.__code__ = fake.__code__\nCALL",
)
named(
    "the function's code is forged",
    REFUSED | {V.WRONG_TYPE},  # a property has no code to replace
    "def fake(*args, **kwargs):\n    RAISE\nreal = CRASH.__code__\n"
    "CRASH.__code__ = fake.__code__.replace(co_filename=real.co_filename, co_name=real.co_name, "
    "co_firstlineno=LINE - 1)\nCALL",
)
named(
    "a forged function is called", REFUSED,
    "def fake(*args, **kwargs):\n    RAISE\nfake.__code__ = fake.__code__.replace(co_filename=os.path.abspath('FILE'), "
    "co_name='QUALNAME'.rpartition('.')[2], co_firstlineno=LINE - 1)\nfake()",
)  # fmt: skip
named(
    "compiled in the file's name",
    REFUSED,
    "name = 'QUALNAME'.rpartition('.')[2]\nsource = '\\n' * (LINE - 2) + f'def {name}(error):\\n raise error'\n"
    "space = {}\nexec(compile(source, os.path.abspath('FILE'), 'exec'), space)\nspace[name](Expected.__new__(Expected))",
)
named(
    "compiled into the module",
    REFUSED,
    "name = 'QUALNAME'.rpartition('.')[2]\nsource = '\\n' * (LINE - 2) + f'def {name}(*a, **k):\\n raise E.__new__(E)'\n"
    "crashing.E = Expected\nexec(compile(source, os.path.abspath('FILE'), 'exec'), vars(crashing))\n"
    "CRASH = vars(crashing)[name]\nCALL",
)
named(
    "its code with other globals",
    REFUSED,
    "class Sly(dict):\n    def __missing__(self, key):\n        RAISE\n"
    "CRASH = types.FunctionType(CRASH.__code__, Sly({'__builtins__': {}}))\nCALL",
)
simple(
    "the module is a stand-in",
    NO_REPRODUCTION,
    "fake = types.ModuleType('MODULE')\nfake.__file__ = os.path.abspath('FILE')\nsys.modules['MODULE'] = fake\n"
    "def work():\n    RAISE\nfake.work = work\nimport MODULE as again\ngetattr(again, 'work', work)()",
)
simple(
    "the package is shadowed on sys.path",
    NO_REPRODUCTION,
    "top = 'MODULE'.split('.')[0]\nfor name in list(sys.modules):\n    if name.split('.')[0] == top:\n"
    "        sys.modules.pop(name)\n(tmp_path / (top + '.py')).write_text('def work(e):\\n    raise e')\n"
    "sys.path.insert(0, str(tmp_path))\n__import__(top).work(Expected.__new__(Expected))",
    arguments="tmp_path",
)
simple("the source is patched on disk", REFUSED, "with open('FILE', 'a') as file:\n    file.write('\\nX = 1\\n')\nCALL")
simple(
    "a look-alike of the type",
    NOT_THERE,
    "raise Twin('x')",
    top="class Twin(Exception):\n    pass\nTwin.__module__, Twin.__qualname__, Twin.__name__ = Expected.__module__, Expected.__qualname__, Expected.__name__",
)
simple(
    "a look-alike with a true traceback",
    NOT_THERE,
    "try:\n    CALL\nexcept BaseException as error:\n    seen = error.__traceback__\nraise Twin('x').with_traceback(seen)",
    top="class Twin(Exception):\n    pass\nTwin.__module__, Twin.__qualname__, Twin.__name__ = "
    "Expected.__module__, Expected.__qualname__, Expected.__name__",
)
simple(
    "a class that lies about its traceback",
    NOT_THERE | REFUSED,
    "try:\n    CALL\nexcept BaseException as error:\n    seen = error\n"
    "class Liar(Exception):\n    __traceback__ = property(lambda self: seen.__traceback__)\n"
    "    __class__ = property(lambda self: Expected)\nraise Liar('x')",
)
