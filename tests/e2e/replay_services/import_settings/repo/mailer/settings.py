import os


def number(name, default):
    return int(os.environ.get(name) or default)


LIMITS = {name: number("MAILER_" + name.upper(), default) for name, default in [("batch", "50"), ("retries", "3x")]}
