import sentry_sdk

from worker.jobs import Store, Worker

store = Store(":memory:")
store.push("resize", {"image": {"name": "logo.png", "width": 0, "height": 40}, "width": 100})
worker = Worker(store)
try:
    worker.run_once()
except Exception:
    sentry_sdk.capture_exception()
