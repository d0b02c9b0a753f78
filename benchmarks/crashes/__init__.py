"""Crashes of published packages that replay was not built on: a driver each, and the two releases."""
