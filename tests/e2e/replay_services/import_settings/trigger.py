import sentry_sdk

try:
    from mailer.send import send
except Exception:
    sentry_sdk.capture_exception()
