"""How complete the captured inputs of an event are; never guessed upward."""

from enum import StrEnum


class Fidelity(StrEnum):
    """FULL: typed values from our capture hook. TRIMMED: some were cut. REPR_ONLY: reprs
    (what the SDK sends by itself). STACK_ONLY: no values at all."""

    FULL = "full"
    TRIMMED = "trimmed"
    REPR_ONLY = "repr only"
    STACK_ONLY = "stack only"
