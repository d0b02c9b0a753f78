"""Answers questions about names in the target's interpreter: what is it, where, how is it called.

Standard library only, Python 3.8+.
"""

import importlib
import inspect
import os
import re
import sys

import replay_django
import replay_fixtures
import replay_models
import replay_report


def operation_import(request, worktree):
    """Import modules by name; for each: its file, or the error as an exception report."""
    results = {}
    for name in request["modules"]:
        try:
            module = importlib.import_module(name)
            results[name] = {"file": file_of(module, worktree)}
        except BaseException as error:
            results[name] = {"exceptions": replay_report.Reporter(worktree).report(error)}
    return {
        "modules": results,
        "version": list(sys.version_info[:3]),
        "path": [item for item in sys.path if item],
    }


def file_of(module, worktree):
    name = getattr(module, "__file__", None) or ""
    return replay_report.Reporter(worktree).inside(name) or name


def operation_describe(request, worktree):
    """For each dotted path (`package.module:Class.method`): what it is, or an error."""
    return {"found": {path: describe(path, worktree) for path in request["paths"]}}


def fetch(path):
    module_name, _, chain = path.partition(":")
    value = importlib.import_module(module_name)
    for part in chain.split(".") if chain else ():
        value = (
            inspect.getattr_static(value, part)
            if part.startswith("__") and part != "__init__"
            else getattr(value, part)
        )
    return value


def describe(path, worktree):
    try:
        value = fetch(path)
    except BaseException as error:
        return {"error": "%s: %s" % (type(error).__name__, str(error)[:200])}
    answer = {
        "kind": kind_of(value),
        "module": getattr(value, "__module__", None) or "",
        "qualname": getattr(value, "__qualname__", "") or "",
        "type": replay_report.type_name(type(value)),
    }
    if inspect.ismodule(value):
        answer["file"] = file_of(value, worktree)
        answer["name"] = value.__name__
    if inspect.isclass(value):
        answer.update(describe_class(value))
    if callable(value):
        answer["parameters"] = parameters(value)
    return answer


def kind_of(value):
    for name, test in (
        ("module", inspect.ismodule),
        ("class", inspect.isclass),
        ("asyncgen", inspect.isasyncgenfunction),
        ("coroutine", inspect.iscoroutinefunction),
        ("generator", inspect.isgeneratorfunction),
    ):
        if test(value):
            return name
    if callable(value):
        return "function"
    return "value"


def describe_class(value):
    import enum

    bases = [replay_report.type_name(item) for item in value.__mro__]
    fields = []
    style = "plain"
    if issubclass(value, enum.Enum):
        style, fields = "enum", list(getattr(value, "__members__", {}))
    elif hasattr(value, "__dataclass_fields__"):
        style = "dataclass"
        fields = [item.name for item in value.__dataclass_fields__.values() if item.init]
    elif hasattr(value, "__attrs_attrs__"):
        style, fields = "attrs", [item.name for item in value.__attrs_attrs__]
    elif issubclass(value, tuple) and hasattr(value, "_fields"):
        style, fields = "namedtuple", list(value._fields)
    elif any(item.startswith("pydantic.") for item in bases):
        style = "pydantic"
        fields = list(getattr(value, "model_fields", None) or getattr(value, "__fields__", None) or {})
    return {
        "style": style,
        "fields": [str(item) for item in fields],
        "mro": bases,
        "abstract": inspect.isabstract(value),
        "exception": issubclass(value, BaseException),
        "guarded": value.__setattr__ is not object.__setattr__,
        **replay_models.facts(value),
    }


def parameters(value):
    try:
        signature = inspect.signature(value)
    except BaseException:
        return None
    return [
        {
            "name": item.name,
            "kind": item.kind.name,
            "default": None if item.default is inspect.Parameter.empty else safe_repr(item.default),
            "annotation": "" if item.annotation is inspect.Parameter.empty else annotation(item.annotation),
        }
        for item in signature.parameters.values()
    ]


def annotation(value):
    name = value if isinstance(value, str) else getattr(value, "__name__", None)
    if name in ("Optional", "Union"):  # what it may be is said by the whole
        name = re.sub(r"\b[a-z_][\w.]*\.(?=[A-Z])", "", safe_repr(value))
    return name or safe_repr(value)


def safe_repr(value):
    try:
        return repr(value)[:200]
    except BaseException:
        return "<repr failed>"


def operation_find(request, worktree):
    """Where a bare name (with an attribute chain) lives: `module:chain` paths, most public first.

    `name` is looked up as a module, then in the packages named by `packages` and their loaded
    modules, then in other loaded modules. `chain` are attributes that must exist on it.
    """
    name, chain = request["name"], request.get("chain") or []
    found = []

    def fits(value):
        for part in chain:
            try:
                value = getattr(value, part)
            except BaseException:
                return False
        return True

    for module_name in request.get("modules") or ():
        try:
            module = importlib.import_module(module_name)
            value = getattr(module, name)
        except BaseException:
            continue
        if fits(value):
            found.append("%s:%s" % (module_name, name))
    packages = request.get("packages") or []
    if not request.get("deep"):
        return {"paths": found}
    ranked = []
    ours = os.path.dirname(os.path.abspath(__file__)) + os.sep
    for module_name, module in list(sys.modules.items()):
        try:
            value = vars(module).get(name)
            if str(vars(module).get("__file__") or "").startswith(ours):
                continue
        except BaseException:
            continue
        if value is None or not fits(value):
            continue
        own = module_name.split(".")[0] in packages
        if not own and not callable(value) and not inspect.ismodule(value):
            continue
        home = getattr(value, "__module__", None) == module_name
        private = any(part.startswith("_") for part in module_name.split("."))
        ranked.append((not own, private, not home, module_name.count("."), module_name))
    found.extend("%s:%s" % (item[-1], name) for item in sorted(ranked)[:10])
    return {"paths": found}


def operation_aliases(request, worktree):
    """Shorter public paths of the same object: `package:name` for `package.module:name`."""
    module_name, _, chain = request["path"].partition(":")
    try:
        value = fetch(request["path"])
    except BaseException:
        return {"paths": []}
    first, parts = chain.split(".")[0], module_name.split(".")
    if "." in chain:
        value = fetch("%s:%s" % (module_name, first))
    found = []
    for count in range(1, len(parts)):
        shorter = ".".join(parts[:count])
        module = sys.modules.get(shorter)
        if module is not None and getattr(module, first, None) is value:
            found.append("%s:%s" % (shorter, chain))
    return {"paths": found}


def operation_instances(request, worktree):
    """Module-level instances of a class: `module:name` of the loaded modules in `packages`."""
    try:
        kind = fetch(request["path"])
    except BaseException:
        return {"paths": []}
    found = []
    for module_name, module in list(sys.modules.items()):
        if module_name.split(".")[0] not in request["packages"]:
            continue
        for name, value in list(vars(module).items()):
            if type(value) is kind and not name.startswith("__"):
                found.append((name.startswith("_"), module_name.count("."), "%s:%s" % (module_name, name)))
    return {"paths": [item[-1] for item in sorted(found)[:5]]}


def operation_tops(request, worktree):
    """Names of the top-level modules that can be imported from the search path."""
    names = set(sys.builtin_module_names)
    for folder in sys.path:
        try:
            entries = os.listdir(folder or ".")
        except OSError:
            continue
        for entry in entries:
            base = entry.split(".")[0]
            if base.isidentifier() and (entry == base or entry.endswith((".py", ".so"))):
                names.add(base)
    return {"names": sorted(names)}


class SmallMonkeyPatch:
    """`setattr`, `setitem`, `setenv`, `delenv` and `chdir` for interpreters without pytest."""

    def setattr(self, target, name, value=None):
        if isinstance(target, str):
            target, value = fetch(":".join(target.rsplit(".", 1))), name
        setattr(target, name, value)

    def setitem(self, mapping, name, value):
        mapping[name] = value

    def setenv(self, name, value):
        os.environ[name] = value

    def delenv(self, name, raising=True):
        os.environ.pop(name, None)

    def chdir(self, path):
        os.chdir(str(path))


OPERATIONS = {
    "import": operation_import,
    "describe": operation_describe,
    "find": operation_find,
    "aliases": operation_aliases,
    "instances": operation_instances,
    "databases": replay_models.operation_databases,
    "tops": operation_tops,
    "django": replay_django.operation_django,
    "conftests": replay_fixtures.operation_conftests,
}


def operation_elsewhere(request, worktree):
    """Installed top-level packages that mention a name in their `__init__` and have it."""
    pattern = re.compile(r"\b%s\b" % re.escape(request["name"]))
    found = []
    for folder in sys.path:
        try:
            entries = sorted(os.listdir(folder))
        except OSError:
            continue
        if os.path.basename(folder.rstrip("/")) not in ("site-packages", "dist-packages"):
            continue
        for entry in entries:
            top = entry[:-3] if entry.endswith(".py") else entry
            if not top.isidentifier():
                continue
            file = os.path.join(folder, entry) if entry.endswith(".py") else os.path.join(folder, entry, "__init__.py")
            try:
                with open(file, encoding="utf-8", errors="replace") as stream:
                    text = stream.read(400_000)
            except OSError:
                continue
            if pattern.search(text):
                try:
                    if hasattr(importlib.import_module(top), request["name"]):
                        found.append("%s:%s" % (top, request["name"]))
                except BaseException:
                    continue
    return {"paths": found[:5]}


OPERATIONS["elsewhere"] = operation_elsewhere


def operation_patterns(request, worktree):
    """Regular expressions at a module's top level that find a text in another."""
    module = importlib.import_module(request["module"])
    found = []
    for name, value in list(vars(module).items()):
        if name.startswith("__") or not isinstance(value, (str, re.Pattern)) or len(str(value)) > 5000:
            continue
        try:
            match = re.search(value, request["text"])
        except (re.error, TypeError, RecursionError):
            continue
        if match and match.group(0) == request["found"]:
            found.append((isinstance(value, str), "%s:%s" % (request["module"], name)))
    return {"paths": [item[-1] for item in sorted(found)]}


OPERATIONS["patterns"] = operation_patterns


def operation_heirs(request, worktree):
    """Classes of the loaded modules in `packages` that extend a class and have its method of a name as it is."""
    try:
        kind = fetch(request["path"])
    except BaseException:
        return {"paths": []}
    found, left = [], [kind]
    while left and len(found) < 20:
        below = left.pop(0).__subclasses__()
        left += below
        for item in below:
            method = request["method"]
            own = item.__module__.split(".")[0] in request["packages"] and "<" not in item.__qualname__
            if own and inspect.getattr_static(item, method, None) is inspect.getattr_static(kind, method, None):
                found.append((item.__name__.startswith("_"), "%s:%s" % (item.__module__, item.__qualname__)))
    return {"paths": [path for _, path in sorted(found, key=lambda pair: pair[0])[:5]]}


OPERATIONS["heirs"] = operation_heirs
