import sentry_sdk

from thumbs.work import run

try:
    run([{"name": "one", "box": (0, 0, 8, 8)}, {"name": "two", "box": (1, 2, 3)}])
except Exception:
    sentry_sdk.capture_exception()
