"""The production hook: complete typed values, nobody's code run, never an error, within its budget."""

import array
import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import io
import json
import logging
import os
import pathlib
import re
import sys
import threading
import uuid
import zoneinfo
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.capture.hook_ground import back, crashing, given_of, hook, read, recorded, sent

UTC = datetime.UTC
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
NEPAL = datetime.timezone(datetime.timedelta(hours=5, minutes=45))


class Colour(enum.Enum):
    RED = "r"


class Right(enum.IntFlag):
    READ = 1
    WRITE = 2


Point = collections.namedtuple("Point", "x y")


@dataclasses.dataclass
class Line:
    sku: str
    amount: int = 1


class Slotted:
    __slots__ = ("left", "right")


@pytest.mark.parametrize(
    "value",
    [
        None, True, -0.5, 10**40, -(2**53), 1e300, "ä\n\u2028\x00", "x" * 500, b"\x00\xff", b"abc", bytearray(b"\x80x"),
        (1, (2,)), [], [[]], {1: 2, (1, "a"): {3}, None: frozenset({1})}, set(), {"a"}, frozenset(), range(1, 9, 2),
        slice(1, None, 2), 1.5 - 2j, collections.deque([1, 2], 5), collections.OrderedDict(b=1, a=2),
        collections.Counter("aab"), collections.defaultdict(list, {"a": [1]}), decimal.Decimal("1.50"),
        fractions.Fraction(1, 3), uuid.UUID(int=7), pathlib.PurePosixPath("/srv/x"), datetime.date(2024, 2, 29),
        datetime.time(23, 59, 1), datetime.timedelta(-1, 5, 6), datetime.datetime(2024, 2, 29, 1, 2, 3, 4),
        datetime.datetime(2024, 3, 31, 3, tzinfo=BERLIN), datetime.datetime(2024, 1, 1, tzinfo=UTC),
        datetime.datetime(2024, 1, 1, tzinfo=NEPAL),
    ],
    ids=repr,
)  # fmt: skip
def test_plain_values_come_back_as_they_were(value: object) -> None:
    if value == collections.deque([1, 2], 5) or isinstance(value, collections.defaultdict):
        capture, values = given_of(crashing(value=value))
        node = capture.node(values["value"])
        assert isinstance(node, list)
        assert node[0] == type(value).__name__
        return
    found = back(value)
    assert found == value
    assert type(found) is type(value)


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30)
    | st.binary(max_size=30) | st.datetimes() | st.decimals(allow_nan=False) | st.uuids(),
    lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner)
    | st.dictionaries(st.text(max_size=5), inner, max_size=4) | st.dictionaries(st.integers(), inner, max_size=3),
    max_leaves=25,
)  # fmt: skip


def _has_secret(value: object) -> bool:
    capture, _ = given_of(crashing(value=value))
    return bool(capture.left_out.get("secret") or capture.left_out.get("masked"))


@settings(max_examples=60, deadline=None)
@given(plain)
def test_any_plain_value_comes_back(value: object) -> None:
    if not _has_secret(value):
        assert back(value) == value


@pytest.mark.parametrize(
    ("value", "node"),
    [
        (Colour.RED, ["enum", f"{__name__}:Colour", "RED"]),
        (Right.READ | Right.WRITE, ["enum of", f"{__name__}:Right", 3]),
        (Point(1, 2), ["namedtuple", f"{__name__}:Point", ["x", "y"], ["tuple", [1, 2]]]),
        (Line("A1", 2), ["object", f"{__name__}:Line", "dataclass", {"sku": "A1", "amount": 2}]),
        (re.compile("a+", re.IGNORECASE), ["pattern", "a+", 34]),
        (functools.partial(int, base=2), ["partial", ["class", "builtins:int"], [], [["base", 2]]]),
        (array.array("i", [1, 2]), ["array", "i", [1, 2]]),
        (json.dumps, ["function", "json:dumps"]),
        (Line, ["class", f"{__name__}:Line"]),
        (json, ["module", "json"]),
        (io.StringIO("ab"), ["stream", "StringIO", "ab", 0]),
        (
            io.TextIOWrapper(io.BytesIO(b"ab"), encoding="utf-8"),
            ["file", "TextIOWrapper", "", "rb", "utf-8", ["bytes", "ab"]],
        ),
        (logging.getLogger("a.b"), ["logger", "a.b"]),
        ((item for item in [1]), ["generator"]),
        (threading.Lock(), ["runtime", "_thread:lock"]),
        (ValueError("x"), ["error", "builtins:ValueError"]),
    ],
    ids=lambda item: str(item)[:40] if isinstance(item, str | list) else type(item).__name__,
)
def test_other_values_say_what_they_are(value: object, node: list[Any]) -> None:
    capture, values = given_of(crashing(value=value))
    found = capture.node(values["value"])
    assert isinstance(found, list)
    assert found[: len(node)] == node


def test_plain_objects_come_by_their_state_and_shared_ones_once() -> None:
    line = Slotted()
    line.left, line.right = [1], line  # type: ignore[attr-defined]
    capture, values = given_of(crashing(first=line, second=[line]))
    assert values["first"] == capture.node(values["second"])[1][0]  # type: ignore[index,call-overload]
    node = capture.node(values["first"])
    assert isinstance(node, list)
    state = node[3]
    assert isinstance(state, dict)
    assert state["right"] == values["first"]
    assert capture.node(state["left"]) == ["list", [1]]


def test_open_files_come_with_their_content_and_stay_where_they_are(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("a;b\n1;ä\n", encoding="latin-1")
    with file.open(encoding="latin-1") as stream:
        stream.readline()
        capture, values = given_of(crashing(stream=stream))
        node = capture.node(values["stream"])
        assert stream.readline() == "1;ä\n"
    assert isinstance(node, list)
    assert node[:5] == ["file", "TextIOWrapper", str(file), "rb", "latin-1"]
    assert node[5] == ["bytes", "YTtiCjE75Ao=", 64]


def file_node(stream: Any) -> list[Any]:
    capture, values = given_of(crashing(stream=stream))
    node = capture.node(values["stream"])
    assert isinstance(node, list)
    return node


def test_a_file_that_was_read_and_closed_comes_with_its_content(tmp_path: pathlib.Path) -> None:
    """An error leaves the `with` block before anybody hears of it."""
    file = tmp_path / "rows.csv"
    file.write_text("a;b\n")
    with file.open(encoding="utf-8") as stream:
        pass
    assert file_node(stream) == ["file", "TextIOWrapper", str(file), "closed", "utf-8", ["bytes", "a;b\n"]]
    with file.open("ab") as stream:
        pass
    assert file_node(stream)[5] is None
    file.unlink()
    with file.open("x+") as stream:
        pass
    file.unlink()
    assert file_node(stream)[5] is None


@pytest.mark.parametrize("name", [".env", "id_rsa", "server.pem", "credentials.json", "api_secret.txt", ".env.local"])
def test_a_file_whose_name_says_that_it_is_secret_is_not_read(tmp_path: pathlib.Path, name: str) -> None:
    file = tmp_path / name
    file.write_text("word")
    with file.open() as stream:
        assert file_node(stream)[5] is None
    assert file_node(stream)[5] is None


def test_what_took_the_place_of_a_closed_file_is_not_opened(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("a")
    with file.open() as stream:
        pass
    file.unlink()
    os.mkfifo(file)
    assert file_node(stream)[5] is None
    file.unlink()
    file.write_bytes(bytes(100_000))
    assert file_node(stream)[5] is None


class Trap:
    """Every way in is a trap; a trap that goes off is remembered."""

    sprung: ClassVar[list[str]] = []

    def __init__(self) -> None:
        object.__setattr__(self, "kept", 7)

    def _spring(self, name: str) -> Any:
        Trap.sprung.append(name)
        raise SystemError(name)

    def __getattribute__(self, name: str) -> Any:
        return Trap._spring(self, name)

    def __getattr__(self, name: str) -> Any:
        return Trap._spring(self, name)

    __class__ = property(lambda self: Trap._spring(self, "__class__"))  # type: ignore[assignment]
    __dict__ = property(lambda self: Trap._spring(self, "__dict__"))  # type: ignore[assignment]
    __repr__ = __str__ = lambda self: Trap._spring(self, "repr")  # type: ignore[assignment]
    __eq__ = lambda self, other: Trap._spring(self, "eq")  # type: ignore[assignment] # noqa: E731
    __hash__ = lambda self: Trap._spring(self, "hash")  # type: ignore[assignment] # noqa: E731
    __len__ = __iter__ = __bool__ = lambda self: Trap._spring(self, "iter")
    __reduce__ = __reduce_ex__ = __sizeof__ = lambda self, *more: Trap._spring(self, "reduce")  # type: ignore[assignment]


class TrapList(list):  # type: ignore[type-arg]
    __iter__ = __len__ = __getitem__ = __repr__ = lambda self, *more: Trap._spring(self, "list")  # type: ignore[assignment,arg-type]


class TrapDict(dict):  # type: ignore[type-arg]
    items = keys = __iter__ = __len__ = __getitem__ = lambda self, *more: Trap._spring(self, "dict")  # type: ignore[assignment,arg-type]


class TrapStr(str):
    __str__ = __repr__ = __len__ = __eq__ = __hash__ = lambda self, *more: Trap._spring(self, "str")  # type: ignore[assignment,arg-type]


class TrapMeta(type):
    __mro__ = property(lambda self: Trap._spring(self, "__mro__"))  # type: ignore[assignment,arg-type]
    __name__ = property(lambda self: Trap._spring(self, "__name__"))  # type: ignore[assignment,arg-type]

    def __getattribute__(cls, name: str) -> Any:
        return Trap._spring(cls, name)  # type: ignore[arg-type]

    def __instancecheck__(cls, item: object) -> bool:
        return bool(Trap._spring(cls, "instancecheck"))  # type: ignore[arg-type]


class OfTrapMeta(metaclass=TrapMeta):
    pass


class TrapZone(datetime.tzinfo):
    def utcoffset(self, when: object) -> Any:
        return Trap._spring(self, "utcoffset")  # type: ignore[arg-type]


class TrapDate(datetime.datetime):
    def __getattribute__(self, name: str) -> Any:
        return Trap._spring(self, name)  # type: ignore[arg-type]


def test_no_code_of_the_values_is_run() -> None:
    Trap.sprung.clear()
    row = TrapDict()
    dict.__setitem__(row, "sku", 1)
    traps = [
        Trap(), TrapList([1, 2]), row, TrapStr("abc"), OfTrapMeta, object.__new__(OfTrapMeta),
        datetime.datetime(2024, 1, 1, tzinfo=TrapZone()), TrapDate(2024, 1, 1),
    ]  # fmt: skip
    try:
        len(traps) / 0  # the frame's own variables are traps as well
    except ZeroDivisionError as error:
        capture = read(sent(error))
    assert Trap.sprung == []
    kinds = [node[0] for node in capture.objects if isinstance(node, list)]
    assert {"sub", "object", "class"} <= set(kinds)
    assert ["sub", f"{__name__}:TrapList", ["list", [1, 2]], {}] in capture.objects
    assert ["sub", f"{__name__}:TrapStr", "abc", {}] in capture.objects


def test_secrets_are_left_out_by_name_and_by_pattern() -> None:
    token = "ghp_" + "a1B2" * 9
    error = crashing(
        password="hunter2hunter2", api_key=b"0123", settings={"clientSecret": "s3cret-value", "colour": "red"},
        note=f"login with {token} at https://ana:pa55word@db.example.org/x",
        card="4111 1111 1111 1111", token="list", session="abc123def456",
    )  # fmt: skip
    event = sent(error)
    text = json.dumps(event)
    for secret in ("hunter2", "s3cret", token, "pa55word", "4111 1111", "abc123def456"):
        assert secret not in text, secret
    capture, values = given_of(error)
    assert values["password"] == ["secret", "builtins:str", 14]
    assert values["token"] == "list"
    settings = capture.node(values["settings"])
    assert settings == ["dict", [["clientSecret", ["secret", "builtins:str", 12]], ["colour", "red"]]]
    assert capture.left_out["secret"] == 4
    hook().install.__globals__["_SETTINGS"]["secrets"] = ("colour",)
    try:
        capture, values = given_of(crashing(colour="red"))
        assert values["colour"] == ["secret", "builtins:str", 3]
    finally:
        hook()._SETTINGS["secrets"] = ()


def test_the_budget_of_bytes_holds_and_shallow_values_come_first() -> None:
    wide = {f"row {number}": [{"n": number, "text": "word " * 50}] * 3 for number in range(3_000)}
    event = sent(crashing(small=1, wide=wide), max_bytes=20_000)
    assert 10_000 < len(json.dumps(event["contexts"])) < 45_000
    capture = read(event)
    assert capture.left_out["cut"] > 0
    assert "small" in str(capture.objects[0])


def test_the_budget_of_time_holds() -> None:
    deep: list[Any] = []
    for _ in range(20_000):
        deep = [deep, {"a": deep}]
    event = sent(crashing(deep=deep), max_ms=3.0, max_bytes=50_000_000)
    assert read(event).left_out["cut"] > 0


def test_a_text_of_ten_megabytes_is_cut_not_sent() -> None:
    capture, values = given_of(crashing(text="a" * 10_000_000, raw=b"b" * 10_000_000))
    assert capture.node(values["text"]) == ["text", "a" * 2_000, 10_000_000]
    assert capture.node(values["raw"]) == ["text", "", 10_000_000]


def test_arguments_that_the_code_changed_are_marked() -> None:
    def crash(first: int, rows: list[int], cart: dict[str, int], kept: list[int]) -> float:
        first = 2
        rows.append(3)
        cart["a"] = len(kept)
        return first / 0

    with pytest.raises(ZeroDivisionError) as caught:
        crash(1, [1], {}, [])
    _, frame = recorded(caught.value)
    assert frame.rebound == ("first",)
    assert set(frame.mutated) == {"rows", "cart"}
    assert list(frame.arguments) == ["first", "rows", "cart", "kept"]


def test_causes_and_members_of_groups_are_recorded_too() -> None:
    def work(number: int) -> float:
        return number / 0

    errors = []
    for number in (1, 2):
        try:
            work(number)
        except ZeroDivisionError as error:
            errors.append(error)
    try:
        raise ExceptionGroup("batch", errors)
    except ExceptionGroup as group:
        capture = read(sent(group))
    assert [frame.arguments.get("number") for frame in capture.frames if frame.function == "work"] == [1, 2]


def test_a_stack_of_a_thousand_frames_is_recorded_from_both_ends() -> None:
    def down(depth: int) -> int:
        return down(depth + 1)

    with pytest.raises(RecursionError) as caught:
        down(0)
    capture = read(sent(caught.value))
    depths = [frame.arguments["depth"] for frame in capture.frames if frame.function == "down"]
    assert depths[0] == 0
    assert depths[-1] > 500  # type: ignore[operator]
    assert len(capture.frames) <= 60


def test_at_the_end_of_the_stack_it_gives_up_quietly() -> None:
    error = crashing(value=[1])

    def down() -> dict[str, Any]:
        try:
            return down()
        except RecursionError:
            event: dict[str, Any] = {}
            return hook().process(event, {"exc_info": (type(error), error, None)})  # type: ignore[no-any-return]

    assert isinstance(down(), dict)


def test_a_failure_inside_is_said_and_never_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*given: object) -> None:
        raise MemoryError

    monkeypatch.setattr(hook(), "capture", broken)
    event: dict[str, Any] = {}
    error = crashing(value=1)
    assert hook().process(event, {"exc_info": (type(error), error, None)}) is event
    assert event["contexts"]["triage"] == {"v": 1, "failed": "MemoryError"}


@pytest.mark.parametrize("hint", [None, {}, {"exc_info": None}, {"exc_info": (None, None, None)}, {"exc_info": 7}])
def test_odd_hints_change_nothing(hint: Any) -> None:
    event: dict[str, Any] = {"message": "hello"}
    assert hook().process(event, hint) is event
    assert "triage" not in event.get("contexts", {})


def test_a_storm_of_errors_is_captured_so_often_only() -> None:
    module = hook()
    error = crashing(value=1)
    module._RECENT.clear()
    events = []
    try:
        for _ in range(5):
            module._SETTINGS["per_minute"] = 3
            events.append(module.process({}, {"exc_info": (type(error), error, None)}))
    finally:
        module._SETTINGS["per_minute"] = 100_000
        module._RECENT.clear()
    assert sum("contexts" in event for event in events) == 3


def test_errors_of_many_threads_at_once_are_all_captured() -> None:
    events: list[dict[str, Any]] = []
    threads = [threading.Thread(target=lambda at=at: events.append(sent(crashing(at=at)))) for at in range(12)]  # type: ignore[misc]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seen = {read(event).objects[0][1][0][1] for event in events}  # type: ignore[index,call-overload]
    assert seen == set(range(12))


def test_an_error_inside_an_error_is_left_alone() -> None:
    module = hook()
    module._STATE.busy = True
    try:
        error = crashing(value=1)
        assert module.process({}, {"exc_info": (type(error), error, None)}) == {}
    finally:
        module._STATE.busy = False


def test_it_needs_nothing_but_the_standard_library_to_be_imported() -> None:
    import subprocess

    source = hook().__file__ or ""
    code = f"import runpy, sys; runpy.run_path({source!r}); print(sorted(m for m in sys.modules if 'sentry' in m))"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("version", ["3.8.18", "3.9.18", "3.10.13", "3.12.1", "3.13.0"])
def test_it_works_on_other_pythons(version: str, tmp_path: pathlib.Path) -> None:
    import subprocess

    python = pathlib.Path.home() / f".pyenv/versions/{version}/bin/python"
    if not python.exists():
        pytest.skip(f"no Python {version} here")
    script = tmp_path / "crash.py"
    script.write_text(
        "import datetime, json, runpy, sys\n"
        "hook = runpy.run_path(sys.argv[1])\n"
        "class Cart:\n    def __init__(self): self.rows = [(1, {2}), b'\\xff']\n"
        "def crash(cart, when, *more, **named):\n    more = ()\n    named['a'] = 1\n    return 1 / 0\n"
        "try: crash(Cart(), datetime.datetime(2024, 1, 1), 3, b=4)\n"
        "except Exception as error: event = hook['process']({}, {'exc_info': (type(error), error, None)})\n"
        "print(json.dumps(event))\n"
    )
    done = subprocess.run(
        [python, script, str(hook().__file__)], capture_output=True, text=True, check=True, timeout=60
    )
    capture = read(json.loads(done.stdout))
    frame = capture.frames[-1]
    assert frame.rebound == ("more",)
    assert "named" in frame.mutated
    assert frame.arguments["when"] == ["datetime", [2024, 1, 1, 0, 0, 0, 0], None, 0]
    assert ["object", "__main__:Cart", "", {"rows": [3]}] in capture.objects
    assert capture.objects[3] == ["list", [[4], ["bytes", "/w==", 64]]]
