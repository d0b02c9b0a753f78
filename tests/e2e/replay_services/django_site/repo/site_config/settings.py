SECRET_KEY = "not-a-secret"
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "site_config.urls"
INSTALLED_APPS = ["django.contrib.contenttypes", "polls"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
USE_TZ = True
