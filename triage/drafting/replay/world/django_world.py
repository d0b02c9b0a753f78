"""Django for a candidate: settings named, apps loaded, an empty migrated test database, people logged in."""

import ast
import re
from typing import TYPE_CHECKING

from triage.drafting.replay.building import rows

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder

USER = re.compile(r"request\.user\b|login_required|LoginRequired|IsAuthenticated|permission_required|@permission")
CONFIGURED = """
if not settings.configured:
    settings.configure(
        DATABASES={'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': ':memory:'}},
        INSTALLED_APPS=APPS,
        TEMPLATES=[{'BACKEND': 'django.template.backends.django.DjangoTemplates', 'APP_DIRS': True}],
    )
    django.setup()
"""
BASE_APPS = ("django.contrib.contenttypes", "django.contrib.auth")
# How an event shows the default test user when nothing more is known.
SOMEBODY = "user"


def settings_of(builder: "Builder") -> str:
    """The settings module that the repo's tests run with, "" where Django is not used."""
    return builder.mined.django_settings() if builder.names.is_top("django") else ""


def prepare(builder: "Builder") -> None:
    """Make the test stand on its own: pytest-django's database, or set up by hand where the repo has none."""
    settings = settings_of(builder)
    if not settings:
        if builder.names.is_top("django") and builder.mined.uses_django(
            frame.module for frame in builder.scene.repo_frames
        ):
            _configure(builder)
        return
    if has_plugin(builder):
        builder.fixture("db")
        return
    builder.setup_imports = ("import django", "import os", "from django.test.utils import setup_databases")
    builder.taken |= {"os", "django", "setup_databases"}
    builder.imports |= {"os": "import os", "django": "import django"}
    lines = (
        f"os.environ.setdefault('DJANGO_SETTINGS_MODULE', {settings!r})\n"
        "django.setup()\n"
        "setup_databases(verbosity=0, interactive=False)"
    )
    builder.setup = ast.parse(lines).body


def _configure(builder: "Builder") -> None:
    """The least that Django runs with: of a library that has no settings of its own."""
    builder.setup_imports = ("import django", "from django.conf import settings")
    builder.taken |= {"django", "settings"}
    builder.imports |= {"django": "import django", "settings": "from django.conf import settings"}
    apps = [*BASE_APPS, *builder.mined.django_apps(builder.scene.packages)]
    builder.setup = ast.parse(CONFIGURED.replace("APPS,", f"{apps!r},")).body


def has_plugin(builder: "Builder") -> bool:
    """Whether pytest-django is installed and told which settings to use."""
    return builder.names.is_top("pytest_django") and builder.mined.names_settings_for_pytest()


def client(builder: "Builder") -> ast.expr:
    """A test client; of Django REST framework where its frames are in the stack; logged in where the path asks."""
    rest = any("rest_framework" in frame.path or "rest_framework" in frame.module for frame in builder.scene.frames)
    rest = rest and builder.names.is_top("rest_framework")
    path = "rest_framework.test:APIClient" if rest else "django.test:Client"
    made = builder.assign("client", ast.Call(builder.name(path), [], []), keep=True)
    log_in(builder, made, rest)
    return made


def log_in(builder: "Builder", made: ast.expr, rest: bool) -> None:
    """Log the client in as the event's user, where there was one or the path asks for one."""
    person = dict(builder.scene.event.user)
    asks = any(USER.search("\n".join(frame.source.lines.values())) for frame in builder.scene.repo_frames)
    known = bool(person.get("id") or person.get("username"))
    login = builder.choices.pick(
        "logged in", [(0.0 if not known and not asks else 0.7, False), (0.0 if known or asks else 0.9, True)]
    )
    if login:
        user = _user(builder, person)
        how = "force_authenticate" if rest else "force_login"
        keywords = [ast.keyword("user", user)] if rest else []
        builder.add(ast.Expr(ast.Call(ast.Attribute(made, how), [] if rest else [user], keywords)))


def _user(builder: "Builder", person: dict[str, str]) -> ast.expr:
    """The event's user, made in the test's database."""
    model = builder.assign(
        "user_model", ast.Call(builder.name("django.contrib.auth:get_user_model"), [], []), keep=False
    )
    name = person.get("username") or SOMEBODY
    manager = ast.Attribute(ast.Attribute(model, "objects"), "create_user")
    staff = builder.choices.pick("staff", [(0.0, False), (1.2, True)])
    keywords = [ast.keyword(flag, ast.Constant(True)) for flag in ("is_staff", "is_superuser") if staff]
    return builder.assign("user", ast.Call(manager, [ast.Constant(name)], keywords), keep=True)


def hosts(builder: "Builder") -> None:
    """Let the test client's host name pass where no test environment does."""
    if builder.setup:
        builder.fixture("monkeypatch")
        setting = ast.Attribute(ast.Name("monkeypatch"), "setattr")
        target = ast.Constant("django.conf.settings.ALLOWED_HOSTS")
        builder.add(ast.Expr(ast.Call(setting, [target, ast.List([ast.Constant("*")])], [])))


def fill(builder: "Builder") -> None:
    """Rows for every model object that the stack holds, else for those that its look-ups need."""
    if not rows.all_made(builder):
        rows.make_looked_up(builder)
