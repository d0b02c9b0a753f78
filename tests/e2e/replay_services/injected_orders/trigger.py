import sentry_sdk

from orders.jobs import nightly

try:
    nightly()
except Exception:
    sentry_sdk.capture_exception()
