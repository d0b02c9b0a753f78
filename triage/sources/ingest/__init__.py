"""Events over HTTP, the way Sentry's SDKs send them. Import what you need from `server` and `app`."""
