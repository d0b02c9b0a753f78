"""The index's SQLite file: coverage's own tables, and beside them the tests of each line.

Coverage stores, for a test, the lines it ran; we look up, for a line, the tests that run it. So the
build turns the table round once: tests are numbered from the most focused (fewest lines run) up, and
each line points to a set of these numbers. Many lines share a set, since they run together.
"""

import array
import hashlib
import sqlite3
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Set
from pathlib import Path

from triage.errors import BadInput
from triage.paths import data_dir

VERSION = "1"
KNOWN_SCHEMA = 7  # of coverage; it may change without a major release, so it is checked

TABLES = """
CREATE TABLE triage_meta (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE triage_test (no INTEGER PRIMARY KEY, node_id TEXT NOT NULL, lines INTEGER NOT NULL);
CREATE TABLE triage_file (id INTEGER PRIMARY KEY, path TEXT UNIQUE NOT NULL, blob TEXT NOT NULL);
CREATE TABLE triage_set (id INTEGER PRIMARY KEY, tests BLOB NOT NULL);
CREATE TABLE triage_line (file_id INTEGER, line INTEGER, set_id INTEGER, PRIMARY KEY (file_id, line)) WITHOUT ROWID;
"""


def git_folder(repo: Path) -> Path | None:
    """The repo's common `.git` folder, read without running git; None outside a repo."""
    for folder in (repo, *repo.parents):
        place = folder / ".git"
        if place.is_dir():
            return place
        if place.is_file():
            text = place.read_text(encoding="utf-8", errors="replace").strip()
            inner = (folder / text.removeprefix("gitdir:").strip()).resolve()
            common = inner / "commondir"
            if common.is_file():
                return (inner / common.read_text(encoding="utf-8").strip()).resolve()
            return inner if inner.is_dir() else None
    return None


def index_folder(repo: Path) -> Path:
    """Where our files about this repo live: `.git/triage`, or our data folder if that cannot be written."""
    git = git_folder(repo.resolve())
    if git is not None:
        place = git / "triage"
        try:
            place.mkdir(exist_ok=True)
            return place
        except OSError:
            pass
    name = f"{repo.resolve().name}-{zlib.crc32(str(repo.resolve()).encode()):08x}"
    place = data_dir() / "index" / name
    place.mkdir(parents=True, exist_ok=True)
    return place


def index_path(repo: Path) -> Path:
    return index_folder(repo) / "coverage.sqlite"


def turn_round(file: Path, relative: Callable[[str], str | None], blobs: Mapping[str, str]) -> int:
    """Add our tables to a coverage data file; returns how many tests it holds.

    `relative` gives a measured file's path in the repo, None for files to leave out; `blobs` the
    git object of each path. Raises BadInput when the file is no coverage data we can read.
    """
    connection = sqlite3.connect(file)
    try:
        with connection:
            connection.execute("PRAGMA synchronous = OFF")
            _check(connection)
            connection.executescript(TABLES)
            contexts = _contexts(connection)
            files = [
                (file_id, path)
                for file_id, measured in connection.execute("SELECT id, path FROM file ORDER BY path").fetchall()
                if (path := relative(measured)) is not None
            ]
            sizes: Counter[str] = Counter()
            for file_id, _ in files:
                for name, bits in _lines(connection, file_id, contexts):
                    sizes[name] += bits.bit_count()
            for name in contexts.values():
                sizes.setdefault(name, 0)
            ordered = sorted(sizes, key=lambda name: (sizes[name], name))
            numbers = {name: number for number, name in enumerate(ordered)}
            connection.executemany(
                "INSERT INTO triage_test VALUES (?, ?, ?)", ((numbers[name], name, sizes[name]) for name in ordered)
            )
            sets: dict[bytes, int] = {}
            for file_id, path in files:
                connection.execute("INSERT INTO triage_file VALUES (?, ?, ?)", (file_id, path, blobs.get(path, "")))
                rows = []
                for line, stored in _tests_by_line(connection, file_id, contexts, numbers):
                    key = hashlib.blake2b(stored, digest_size=16).digest()
                    if key not in sets:
                        sets[key] = len(sets) + 1
                        connection.execute("INSERT INTO triage_set VALUES (?, ?)", (sets[key], stored))
                    rows.append((file_id, line, sets[key]))
                connection.executemany("INSERT INTO triage_line VALUES (?, ?, ?)", rows)
        return len(ordered)
    except sqlite3.DatabaseError as error:
        raise BadInput("the coverage data cannot be read", str(error), "build the index again: triage index") from error
    finally:
        connection.close()


def _check(connection: sqlite3.Connection) -> None:
    row = connection.execute("SELECT version FROM coverage_schema").fetchone()
    if row is None or row[0] != KNOWN_SCHEMA:
        seen = row[0] if row else "none"
        detail = f"schema {seen}, we know {KNOWN_SCHEMA}"
        raise BadInput("coverage writes a format we do not know", detail, "install coverage 5 to 7 beside the tests")


def _contexts(connection: sqlite3.Connection) -> dict[int, str]:
    """Node ids by context; pytest-cov's phases (`|run`) fall together, the empty context is left out."""
    rows = connection.execute("SELECT id, context FROM context WHERE context <> ''").fetchall()
    phases = ("|setup", "|run", "|teardown")
    return {number: name.rpartition("|")[0] if name.endswith(phases) else name for number, name in rows}


def _lines(connection: sqlite3.Connection, file_id: int, contexts: Mapping[int, str]) -> Iterable[tuple[str, int]]:
    """Per context of a file its node id and the lines it ran, as bits; from lines or from arcs."""
    query = "SELECT context_id, numbits FROM line_bits WHERE file_id = ?"
    for context, numbits in connection.execute(query, (file_id,)):
        if context in contexts:
            yield contexts[context], int.from_bytes(numbits, "little")
    arcs: dict[int, int] = {}
    query = "SELECT context_id, fromno, tono FROM arc WHERE file_id = ?"
    for context, start, end in connection.execute(query, (file_id,)):
        for line in (start, end):
            if line > 0:  # negative numbers stand for a function's entry and exit
                arcs[context] = arcs.get(context, 0) | 1 << line
    for context, bits in arcs.items():
        if context in contexts:
            yield contexts[context], bits


def _tests_by_line(
    connection: sqlite3.Connection, file_id: int, contexts: Mapping[int, str], numbers: Mapping[str, int]
) -> Iterator[tuple[int, bytes]]:
    """For each line of a file its tests, as stored.

    Tests that ran the same lines are handled as one. Two ways to turn the rest round: by lists of
    numbers, or by bits over all tests; the first costs a step a hit, the second one a distinct row
    and line, but over long integers. The cheaper one is taken.
    """
    alike: dict[int, list[int]] = {}
    for name, bits in _lines(connection, file_id, contexts):
        alike.setdefault(bits, []).append(numbers[name])
    hits = sum(bits.bit_count() * len(tests) for bits, tests in alike.items())
    rows = sum(bits.bit_count() for bits in alike)
    if hits <= rows * (2 + len(numbers) / 8_000):
        by_line: dict[int, set[int]] = {}
        for bits, tests in alike.items():
            for line in positions(bits):
                by_line.setdefault(line, set()).update(tests)
        for line, found in by_line.items():
            yield line, pack(found, len(numbers))
        return
    masks: dict[int, int] = {}
    for bits, tests in alike.items():
        mask = bits_of(tests)
        for line in positions(bits):
            masks[line] = masks.get(line, 0) | mask
    kept: dict[int, bytes] = {}
    for line, mask in masks.items():
        if mask not in kept:
            kept[mask] = pack(set(positions(mask)), len(numbers))
        yield line, kept[mask]


def bits_of(numbers: Iterable[int]) -> int:
    """A set of small numbers as one integer."""
    held = list(numbers)
    packed = bytearray(max(held, default=0) // 8 + 1)
    for number in held:
        packed[number // 8] |= 1 << number % 8
    return int.from_bytes(packed, "little")


def positions(bits: int) -> list[int]:
    """The numbers in a set held as one integer, smallest first."""
    found: list[int] = []
    for index, byte in enumerate(bits.to_bytes((bits.bit_length() + 7) // 8, "little")):
        if byte:
            found += [index * 8 + bit for bit in _BITS[byte]]
    return found


_BITS = tuple(tuple(bit for bit in range(8) if byte >> bit & 1) for byte in range(256))


class NumberSet:
    """Numbers of tests, read from storage: few as a set, many as packed bits."""

    __slots__ = ("_bits", "_numbers")

    def __init__(self, stored: bytes) -> None:
        self._numbers: frozenset[int] = frozenset()
        self._bits = b""
        if stored[:1] == b"n":
            held = array.array("I", stored[1:])
            if sys.byteorder == "big":
                held.byteswap()
            self._numbers = frozenset(held)
        else:
            self._bits = zlib.decompress(stored[1:])

    def __len__(self) -> int:
        return int.from_bytes(self._bits, "little").bit_count() if self._bits else len(self._numbers)

    def among(self, numbers: Set[int]) -> Set[int]:
        """Those of `numbers` that are in the set."""
        if not self._bits:
            return numbers & self._numbers
        bits, size = self._bits, len(self._bits) * 8
        return {number for number in numbers if number < size and bits[number >> 3] >> (number & 7) & 1}

    @staticmethod
    def first(sets: Iterable["NumberSet"], limit: int, without: Set[int]) -> list[int]:
        """The smallest `limit` numbers of some sets together that are not in `without`."""
        few: set[int] = set()
        for held in sets:
            if not held._bits:
                few |= held._numbers
                continue
            found: list[int] = []
            for index, byte in enumerate(held._bits):
                if byte:
                    found += [number for bit in _BITS[byte] if (number := index * 8 + bit) not in without]
                    if len(found) >= limit:
                        break
            few.update(found)
        few -= without
        return sorted(few)[:limit]


def pack(numbers: Collection[int], tests: int) -> bytes:
    """A set for storage: numbers when they take less room than one bit a test, else bits."""
    if len(numbers) * 32 <= max(tests, 1_024):
        held = array.array("I", sorted(numbers))
        if sys.byteorder == "big":
            held.byteswap()
        return b"n" + held.tobytes()
    bits = bits_of(numbers)
    return b"z" + zlib.compress(bits.to_bytes((bits.bit_length() + 7) // 8, "little"), 1)
