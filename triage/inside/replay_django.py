"""Loads a Django project in the replay server, with an empty migrated test database.

Standard library only, Python 3.8+. Run once, before any fork: an in-memory database is copied
with the process, so that every candidate finds it empty.
"""

import os


def operation_django(request, worktree):
    """Set up Django with `settings`, the least that it runs with for ""; with `database` also the test databases."""
    if not request["settings"]:
        return configure(request["apps"])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", request["settings"])
    import django

    django.setup()
    if request.get("database"):
        from django.test import utils
        from django.test.utils import setup_databases, setup_test_environment

        setup_test_environment()
        setup_databases(verbosity=0, interactive=False)
        # A candidate that sets up for itself finds it done: the tables were copied with the process.
        utils.setup_databases = lambda verbosity, interactive, **kwargs: []
    return {"settings": request["settings"]}


def configure(apps):
    """Django as a library runs it that has no settings of its own: nothing, where it is not installed."""
    try:
        import django
        from django.conf import settings
    except ImportError:
        return {"settings": ""}
    if not settings.configured:
        settings.configure(
            DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
            INSTALLED_APPS=apps,
            TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        )
        django.setup()
    return {"settings": ""}
