"""Which of two releases is older, where their names say so."""

import re

NUMBERS = re.compile(r"v?(\d{1,9}(?:\.\d{1,9})+)(?![\d.])")


def is_older(release: str | None, than: str | None) -> bool:
    """True only when both are dotted versions of the same package and `release` is the lower.

    `shop@1.4.0` and `v1.4.0` are understood; for commit ids, dates in other forms or different
    packages the answer is False: not known to be older.
    """
    first, second = _parse(release), _parse(than)
    return first is not None and second is not None and first[0] == second[0] and first[1] < second[1]


def spelled_like(release: str, other: str) -> str:
    """`release` with the package that `other` names: "v1.4.3" like "shop@1.4.2" is "shop@1.4.3"."""
    package, _, _ = other.rpartition("@")
    numbers = NUMBERS.search(release)
    if not package or "@" in release or numbers is None:
        return release
    return f"{package}@{numbers.group(1)}"


def _parse(release: str | None) -> tuple[str, tuple[int, ...]] | None:
    package, _, version = (release or "").rpartition("@")
    match = NUMBERS.match(version)
    if match is None:
        return None
    numbers = [int(part) for part in match.group(1).split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return package, tuple(numbers)
