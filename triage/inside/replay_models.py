"""Facts about mapped classes (Django, SQLAlchemy, peewee): their columns, and what those point to.

Standard library only, Python 3.8+. Nothing here touches a database.
"""

import enum
import sys


def facts(value):
    """`{"mapper": ..., "columns": [...]}` of a mapped class, {} of any other. Never raises."""
    try:
        if hasattr(value, "_meta") and hasattr(value._meta, "concrete_fields"):
            if value._meta.abstract:
                return {}
            return {"mapper": "django", "columns": django_columns(value), "children": django_children(value)}
        if hasattr(value, "_meta") and hasattr(value._meta, "sorted_fields"):
            return {"mapper": "peewee", "columns": peewee_columns(value), "children": peewee_children(value)}
        if hasattr(value, "__mapper__"):
            children = alchemy_children(value)
            return {"mapper": "sqlalchemy", "columns": alchemy_columns(value), "children": children}
    except Exception:
        return {}
    return {}


def path_of(value):
    return "%s:%s" % (value.__module__, value.__qualname__)


def django_columns(value):
    columns = []
    for field in value._meta.concrete_fields:
        filled = field.has_default() or getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
        related = field.related_model if field.is_relation else None
        columns.append(
            {
                "name": field.name,
                "kind": field.get_internal_type(),
                "nullable": bool(field.null),
                "filled": bool(filled or (field.blank and field.empty_strings_allowed)),
                "primary": bool(field.primary_key),
                "target": path_of(related) if isinstance(related, type) else "",
                "choice": first_choice(getattr(field, "choices", None)),
            }
        )
    return columns


def django_children(value):
    """[attribute, class, its field that points back] of every one-to-many relation."""
    return [
        [relation.get_accessor_name(), path_of(relation.related_model), relation.field.name]
        for relation in value._meta.related_objects
        if relation.one_to_many and relation.get_accessor_name()
    ]


def peewee_columns(value):
    return [
        {
            "name": field.name,
            "kind": type(field).__name__,
            "nullable": bool(field.null),
            "filled": field.default is not None,
            "primary": bool(field.primary_key),
            "target": path_of(field.rel_model) if getattr(field, "rel_model", None) else "",
            "choice": first_choice(field.choices),
        }
        for field in value._meta.sorted_fields
    ]


def peewee_children(value):
    held = value._meta.backrefs.items()
    return [[field.backref, path_of(model), field.name] for field, model in held if field.backref]


def alchemy_children(value):
    from sqlalchemy import inspect

    found = []
    for relation in inspect(value).relationships:
        back = [item.key for item in relation._reverse_property]
        if relation.direction.name == "ONETOMANY" and back:
            found.append([relation.key, path_of(relation.mapper.class_), back[0]])
    return found


def first_choice(choices):
    try:
        return repr(next(iter(choices))[0]) if choices else ""
    except Exception:
        return ""


def shown_default(value):
    """A plain default as text that reads back, a member of an enumeration by its name; else nothing."""
    if isinstance(value, enum.Enum):
        return "member " + value.name
    return repr(value) if value is None or type(value) in (bool, int, float, str, bytes) else ""


def alchemy_columns(value):
    from sqlalchemy import inspect

    mapper = inspect(value)
    columns, covered = [], set()
    for relation in mapper.relationships:
        if relation.direction.name != "MANYTOONE":
            continue
        local = [mapper.get_property_by_column(item) for item in relation.local_columns]
        covered.update(item.key for item in local)
        columns.append(
            {
                "name": relation.key,
                "kind": "ForeignKey",
                "nullable": all(item.nullable for item in relation.local_columns),
                "filled": False,
                "primary": False,
                "target": path_of(relation.mapper.class_),
                "choice": "",
                "behind": [item.key for item in local],
            }
        )
    for item in mapper.column_attrs:
        column = item.columns[0]
        if item.key in covered or not hasattr(column, "nullable"):
            continue
        kind, default = type(column.type).__name__, column.default
        try:
            kind = "Enum:" + path_of(column.type.enum_class) if column.type.enum_class else kind
        except AttributeError:
            pass
        scalar = default is not None and getattr(default, "is_scalar", False) and shown_default(default.arg) != ""
        columns.append(
            {
                "name": item.key,
                "kind": kind,
                "nullable": bool(column.nullable),
                "filled": False if scalar else bool(default is not None or column.server_default is not None),
                "primary": bool(column.primary_key),
                "target": "",
                "choice": shown_default(default.arg) if scalar else "",
            }
        )
    return columns


ENGINES = {
    "sqlalchemy.engine.base:Engine": "engine",
    "sqlalchemy.ext.asyncio.engine:AsyncEngine": "async engine",
    "sqlalchemy.orm.session:sessionmaker": "maker",
    "sqlalchemy.ext.asyncio.session:async_sessionmaker": "async maker",
    "sqlalchemy.orm.scoping:scoped_session": "scoped",
}


def len_then_text(path):
    """Nearer places first: those in fewer modules; a stand-in for none last."""
    return (path == "~", path.count("."), path)


def operation_databases(request, worktree):
    """Module-level engines and session makers of `packages` ([what, [places]]), and the class whose metadata has
    the tables."""
    held, bases, places, tables = {}, {}, {}, set()
    for module_name, module in list(sys.modules.items()):
        if module_name.split(".")[0] not in request["packages"]:
            continue
        for name, value in list(vars(module).items()):
            what = ENGINES.get(path_of(type(value)))
            if not what and any(path_of(item) == "peewee:Database" for item in type(value).__mro__):
                what = "peewee"
            if what:
                held.setdefault(id(value), (what, []))[1].append("%s:%s" % (module_name, name))
            elif isinstance(value, type) and hasattr(getattr(value, "_meta", None), "sorted_fields"):
                if value._meta.fields and value.__module__ == module_name and not value.__subclasses__():
                    tables.add("%s:%s" % (module_name, name))
            elif isinstance(value, type) and hasattr(value, "metadata"):
                try:
                    count = len(value.metadata.tables)
                    base = [item for item in value.__mro__ if "metadata" in vars(item)][-1]
                except Exception:
                    continue
                if base is value:  # what declarative_base() makes does not know where it lies
                    places[base] = min("%s:%s" % (module_name, name), places.get(base, "~"), key=len_then_text)
                # A table class of SQLModel has the metadata of SQLModel itself.
                bases[base] = max(count, bases.get(base, 0))
    bases = {places.get(base) or path_of(base): count for base, count in bases.items()}
    best = sorted(bases, key=lambda path: (-bases[path], path))
    base = best[0] if best and bases[best[0]] else ""
    return {"held": [list(item) for item in held.values()], "base": base, "tables": sorted(tables)}
