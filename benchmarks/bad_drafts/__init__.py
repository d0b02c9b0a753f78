"""Bad drafts of every class, each made from a good one: what they do, and which verdicts are right.

A good draft is a `RunRequest` whose test reproduces. `bad_drafts` gives the mutations that fit it; a
mutation does one thing wrong. `REPRODUCED` is right for none of them. The modules beside this one register
their classes when they are imported.
"""

from benchmarks.bad_drafts import attacks, ending, nothing, replaced, unseen
from benchmarks.bad_drafts.making import ENDLESS, KINDS, Bad, Good, bad_drafts, draft, taken_apart

__all__ = [
    "ENDLESS", "KINDS", "Bad", "Good", "attacks", "bad_drafts", "draft", "ending", "nothing", "replaced",
    "taken_apart", "unseen",
]  # fmt: skip
