"""How often a test must agree with itself."""

STABLE_RUNS = 170
"""Repetitions before a test may be called stable: what differs once in 57 runs shows with 95%."""
