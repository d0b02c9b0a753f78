import sentry_sdk

from rates.client import RateClient, convert

try:
    convert(RateClient("http://127.0.0.1:9"), 12.5, "USD")
except Exception:
    sentry_sdk.capture_exception()
