"""Makes the pytest fixtures that a candidate names: a few of pytest's own, and those of the repo's conftest files.

Standard library only, Python 3.8+. The conftest files are imported once, before any fork. Only what a
candidate names (and what that needs) is made, autouse fixtures beside it; nothing is torn down, because
the whole process ends with the candidate.
"""

import importlib
import importlib.util
import inspect
import os
import sys

REPO = {}  # type: dict[str, tuple[object, bool]]


def operation_conftests(request, worktree):
    """Import conftest files, outermost first; gives their fixtures by name (`async`, what they need), and errors."""
    errors = {}
    for path in request["files"]:
        try:
            module = loaded(os.path.join(worktree, path), worktree)
        except BaseException as error:
            errors[path] = "%s: %s" % (type(error).__name__, str(error)[:200])
            continue
        for label, value in list(vars(module).items()):
            found = unwrapped(label, value)
            if found is not None:
                REPO[found[0]] = found[1:]
    told = {}
    for name, (function, _) in REPO.items():
        needs = [item for item in inspect.signature(function).parameters if item not in ("self", "cls")]
        waits = inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)
        told[name] = {"async": waits, "needs": needs}
    return {"fixtures": told, "errors": errors}


def loaded(path, worktree):
    """The module of a conftest file, imported as pytest does: by its package, else from its own folder."""
    folder, parts = os.path.dirname(path), ["conftest"]
    while os.path.exists(os.path.join(folder, "__init__.py")) and folder != worktree:
        folder, name = os.path.split(folder)
        parts.insert(0, name)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    if len(parts) > 1:
        return importlib.import_module(".".join(parts))
    spec = importlib.util.spec_from_file_location("conftest", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["conftest"] = module
    spec.loader.exec_module(module)
    return module


def unwrapped(label, value):
    """(name, function, autouse) of a fixture as any pytest since 6 keeps it, None for anything else."""
    if type(value).__name__ == "FixtureFunctionDefinition":
        mark, function = value._fixture_function_marker, value._get_wrapped_function()
    elif inspect.isfunction(value) and hasattr(value, "_pytestfixturefunction"):
        mark = value._pytestfixturefunction
        wrapped = getattr(value, "__pytest_wrapped__", None)
        function = wrapped.obj if wrapped is not None else inspect.unwrap(value)
    else:
        return None
    return mark.name or label, function, bool(mark.autouse)


class Fixtures:
    """The fixtures of one candidate, each made once."""

    def __init__(self):
        self.made = {}
        self.open = []

    def for_function(self, function):
        """The arguments of a test function; raises LookupError for a fixture that nobody has."""
        names = list(inspect.signature(function).parameters)
        for name in self.wanted(names):
            self.make(name)
        return {name: self.make(name) for name in names}

    async def for_coroutine(self, function):
        """The same for a test that is a coroutine function, whose fixtures may be asynchronous."""
        names = list(inspect.signature(function).parameters)
        for name in (*self.wanted(names), *names):
            await self.make_waiting(name)
        return {name: self.made[name] for name in names}

    def wanted(self, names):
        """The autouse fixtures of the repo, where the test uses any fixture of the repo."""
        return [name for name, (_, auto) in REPO.items() if auto] if any(name in REPO for name in names) else []

    def make(self, name):
        if name not in self.made:
            function = REPO[name][0] if name in REPO else None
            if function is None:
                self.made[name] = own(name)
            else:
                needs = inspect.signature(function).parameters
                value = function(**{item: self.make(item) for item in needs})
                if inspect.iscoroutine(value) or inspect.isasyncgen(value):
                    raise LookupError("the fixture %s is asynchronous" % name)
                if inspect.isgenerator(value):
                    self.open.append(value)
                    value = next(value)
                self.made[name] = value
        return self.made[name]

    async def make_waiting(self, name):
        if name not in self.made:
            function = REPO[name][0] if name in REPO else None
            if function is None:
                self.made[name] = own(name)
            else:
                needs = inspect.signature(function).parameters
                value = function(**{item: await self.make_waiting(item) for item in needs})
                if inspect.isasyncgen(value):
                    self.open.append(value)
                    value = await value.__anext__()
                elif inspect.iscoroutine(value):
                    value = await value
                elif inspect.isgenerator(value):
                    self.open.append(value)
                    value = next(value)
                self.made[name] = value
        return self.made[name]


def own(name):
    """One of the fixtures of pytest and its plugins that need no pytest."""
    if name == "tmp_path":
        import pathlib
        import tempfile

        return pathlib.Path(tempfile.mkdtemp(prefix="pytest-of-triage-"))
    if name == "tmp_path_factory":
        return Folders()
    if name == "monkeypatch":
        try:
            from _pytest.monkeypatch import MonkeyPatch
        except ImportError:
            from replay_lookup import SmallMonkeyPatch as MonkeyPatch
        return MonkeyPatch()
    if name == "caplog":
        return Levels()
    if name in ("db", "transactional_db", "django_db_setup"):
        return None
    if name == "anyio_backend":
        return "asyncio"
    if name == "django_user_model":
        from django.contrib.auth import get_user_model

        return get_user_model()
    if name in ("client", "async_client", "rf") and "django" in sys.modules:
        from django import test

        return {"client": test.Client, "async_client": test.AsyncClient, "rf": test.RequestFactory}[name]()
    raise LookupError("no fixture named %s" % name)


class Levels:
    """pytest's caplog, as far as it sets levels."""

    def set_level(self, level, logger=None):
        import logging

        logging.getLogger(logger).setLevel(level)


class Folders:
    """pytest's tmp_path_factory, as far as fixtures use it."""

    def mktemp(self, name, numbered=True):
        import pathlib
        import tempfile

        return pathlib.Path(tempfile.mkdtemp(prefix="%s-" % name))

    def getbasetemp(self):
        return self.mktemp("base")
