"""Which schema revisions this program knows; read on every start, so it imports nothing."""

REVISIONS = ("0001", "0002", "0003", "0004", "0005")
"""All revisions in order; the last is what this program works with."""

HEAD = REVISIONS[-1]
