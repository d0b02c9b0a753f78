"""triage: from a production error to a reviewed regression test, in the terminal."""

__version__ = "0.1.0"
