"""A module with one value of every kind that programs hold, made the way programs make them: `VALUES`."""


import array
import argparse
import collections
import contextlib
import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import io
import ipaddress
import itertools
import logging
import operator
import pathlib
import queue
import random
import re
import threading
import types
import typing
import uuid
import weakref
import zoneinfo

VALUES = {}


def value(make):
    """Register a maker of a value by its function's name."""
    VALUES[make.__name__.rstrip("_")] = make
    return make


def use(value):
    """What crashes with each of them."""
    return value.there_is_no_such_attribute


# -- enums -------------------------------------------------------------------------------------


class Colour(enum.Enum):
    RED = "r"
    GREEN = (1, 2)
    BLUE = "r"

    @property
    def shade(self):
        return 1


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 9


class Right(enum.Flag):
    READ = 1
    WRITE = 2
    ALL = 3


class IntRight(enum.IntFlag):
    READ = 1
    WRITE = 2


class Text(str, enum.Enum):
    A = "a"


value(lambda: [Colour.RED, Colour.BLUE, Level.HIGH, Right.READ, Text.A])
VALUES["enums"] = VALUES.pop("<lambda>")


@value
def flags():
    return [Right.READ | Right.WRITE, Right(0), IntRight.READ | IntRight.WRITE, IntRight(8), re.I | re.M]


@value
def enum_keys():
    return {Colour.RED: 1, Level.LOW: {Text.A: Colour.GREEN}}


# -- standard containers ------------------------------------------------------------------------

Point = collections.namedtuple("Point", "x y")


class Where(typing.NamedTuple):
    place: str
    at: Point = Point(0, 0)

    def far(self):
        return self.at.x


class _Hidden(typing.NamedTuple):
    place: str


@value
def named_tuples():
    return [Point(1, 2), Where("a", Point(3, 4)), Where("b"), _Hidden("z"), Point([1], {"a": (1,)})]


@value
def deques():
    return {"a": collections.deque([1, 2], 5), "b": collections.deque(), "c": collections.deque("ab")}


@value
def dicts():
    return [
        collections.OrderedDict(b=1, a=2), collections.Counter("aab"), collections.defaultdict(list, {"a": [1]}),
        collections.defaultdict(functools.partial(int, 7)), collections.defaultdict(None, {1: 2}),
        collections.ChainMap({"a": 1}, {"b": 2}), types.MappingProxyType({"a": 1}), collections.UserDict(a=1),
        collections.UserList([1, 2]), collections.UserString("abc"),
    ]  # fmt: skip


@value
def sets():
    return [set(), {1, 2}, frozenset(), frozenset({("a", 1)}), {frozenset({1}): 2}]


@value
def odd_keys():
    return {1: "a", (1, "b"): 2, None: 3, 1.5: 4, b"x": 5, True: 6, frozenset({1}): 7, datetime.date(2024, 1, 1): 8}


@value
def views():
    return [{"a": 1}.keys(), {"a": 1}.values(), {"a": 1}.items(), collections.OrderedDict(a=1).keys()]


# -- leaves -------------------------------------------------------------------------------------


@value
def numbers():
    return [10**40, -(2**60), 1e300, float("nan"), float("inf"), -0.0, 1 - 2j, complex("nan+1j"), True, 2**53, -(2**53)]


@value
def exact_numbers():
    return [
        decimal.Decimal("1.50"), decimal.Decimal("NaN"), decimal.Decimal("-Infinity"), decimal.Decimal("1E+30"),
        fractions.Fraction(-1, 3), decimal.Context(prec=5).prec, decimal.ROUND_HALF_EVEN,
    ]  # fmt: skip


@value
def moments():
    berlin = zoneinfo.ZoneInfo("Europe/Berlin")
    return [
        datetime.datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=berlin), datetime.datetime.min, datetime.datetime.max,
        datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc), datetime.date(1, 1, 1),
        datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=5, minutes=45))),
        datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=-3), "BRT")),
        datetime.time(1, 2, 3, 4, tzinfo=datetime.timezone.utc), datetime.timedelta(-1, 5, 6), datetime.timedelta(0),
        berlin,
    ]  # fmt: skip


@value
def texts():
    return ["ä\n\u2028\x00", "\ud800", "x" * 500, "'\"\\", "{}%s", "😀" * 40, "a" * 5000]


@value
def binaries():
    return [b"", b"\x00\xff", bytearray(b"\x80x"), memoryview(b"abc"), b"x" * 5000, bytes(range(256)) * 4]


@value
def addresses():
    return [
        ipaddress.ip_address("10.0.0.1"), ipaddress.ip_address("::1"), ipaddress.ip_network("10.0.0.0/8"),
        ipaddress.ip_network("fe80::/10"), ipaddress.ip_interface("10.0.0.1/8"), uuid.UUID(int=7),
    ]  # fmt: skip


@value
def paths():
    return [pathlib.Path("a/b"), pathlib.PurePosixPath("/srv/x"), pathlib.PureWindowsPath("C:/x"), pathlib.Path()]


@value
def patterns():
    text = re.compile("a(b)?", re.IGNORECASE | re.VERBOSE)
    return [text, re.compile(b"x", re.DOTALL), text.search("xxab"), re.compile("^").match("abc", 1), re.compile("a").match("ba", 1)]


@value
def spans():
    return [range(9), range(1, 9, 2), range(5, 0, -1), slice(1, None, 2), slice("a", "b"), Ellipsis, NotImplemented, None]


@value
def arrays():
    return [array.array("i", [1, 2]), array.array("d"), array.array("b", b"ab")]


# -- functions, classes, bound things -------------------------------------------------------------


def helper(number, by=1):
    return number + by


class Owner:
    rate = 3

    def __init__(self, name):
        self.name = name

    def method(self, number):
        return number

    @classmethod
    def of(cls, name):
        return cls(name)

    @staticmethod
    def plain(number):
        return number

    class Inner:
        def __init__(self, depth):
            self.depth = depth


@value
def callables():
    return [
        helper, len, str.upper, Owner, Owner.of, Owner.plain, Owner("ana").method, [].append, {}.get, "x".join, int,
        Owner.Inner, datetime.datetime.now, operator.itemgetter("a", 1), operator.attrgetter("a.b"),
        operator.methodcaller("upper"), functools.partial(helper, by=2), functools.partial(int, base=2),
        operator.add, re.compile, dict.fromkeys, functools.partial(Owner("ben").method, 3),
    ]  # fmt: skip


@functools.lru_cache
def cached(number):
    return number


@functools.singledispatch
def dispatched(number):
    return number


@value
def wrapped_functions():
    return [cached, dispatched, functools.wraps(helper)(lambda number: number)]


@value
def types_and_hints():
    return [
        typing.List[int], typing.Optional[str], typing.Union[int, str], list[int], dict[str, int], typing.Any,
        typing.Callable[[int], str], typing.TypeVar, type(None), types.SimpleNamespace, typing.Literal["a"],
    ]  # fmt: skip


@value
def modules():
    return [re, collections.abc, logging]


@value
def closures():
    seen = []

    def inner(item):
        seen.append(item)

    return {"key": lambda item: item * 2, "inner": inner, "rest": [1]}


# -- objects ----------------------------------------------------------------------------------------


class Plain:
    def __init__(self, name, size=1, *, tags=()):
        self.name = name
        self.size = size
        self.tags = list(tags)


@value
def plain():
    found = Plain("a", 3, tags=["x"])
    found.extra = {"later": 1}
    return found


class Private:
    def __init__(self, name, rate):
        self.__name = name
        self._rate = rate * 2

    @property
    def rate(self):
        return self._rate / 2


@value
def private_names():
    return Private("a", 2)


class Slotted:
    __slots__ = ("left", "right", "unset")

    def __init__(self, left):
        self.left = left
        self.right = left + 1


class SlottedMore(Slotted):
    __slots__ = ("more", "__dict__")

    def __init__(self, left, more):
        super().__init__(left)
        self.more = more


@value
def slots():
    more = SlottedMore(1, [2])
    more.other = 5
    return [Slotted(1), more]


class ReadOnly:
    def __init__(self, value):
        object.__setattr__(self, "_value", value)

    def __setattr__(self, name, value):
        raise AttributeError("read only")

    @property
    def value(self):
        return self._value


@value
def read_only():
    return ReadOnly([1, 2])


class Effects:
    made = 0

    def __init__(self, name):
        Effects.made += 1
        if Effects.made > 1:
            raise RuntimeError("only one")
        self.name = name
        self.lines = ["made " + name]


@value
def side_effects():
    Effects.made = 0
    return Effects("a")


class Positional:
    def __init__(self, name, /, *args, **kwargs):
        self.name, self.args, self.kwargs = name, args, kwargs


@value
def starred():
    return Positional("a", 1, 2, key=3)


class Derived:
    def __init__(self, text):
        self.words = text.split()
        self.count = len(self.words)


@value
def derived_state():
    return Derived("one two three")


class ByNew:
    def __new__(cls, number):
        self = super().__new__(cls)
        self.number = number
        return self


@value
def by_new():
    return ByNew(5)


class Meta(type):
    def __call__(cls, *args, **kwargs):
        raise TypeError("use make")

    def make(cls, name):
        self = cls.__new__(cls)
        self.name = name
        return self


class ByFactory(metaclass=Meta):
    pass


@value
def by_factory():
    return ByFactory.make("a")


class Stateful:
    def __init__(self, name):
        self.name = name
        self._lock = threading.Lock()
        self._cache = {}

    def __getstate__(self):
        return {"name": self.name}

    def __setstate__(self, state):
        self.__init__(state["name"])


@value
def with_a_lock():
    found = Stateful("a")
    found._cache["x"] = 1
    return found


class Weak:
    def __init__(self, owner):
        self.owner = weakref.ref(owner)
        self.name = "weak"


_KEPT = Plain("kept")


@value
def weak():
    return Weak(_KEPT)


class Tree:
    def __init__(self, name, parent=None):
        self.name, self.parent, self.children = name, parent, []
        if parent is not None:
            parent.children.append(self)


@value
def circles():
    root = Tree("root")
    Tree("leaf", Tree("branch", root))
    ring = [1]
    ring.append(ring)
    book = {"a": 1}
    book["self"] = book
    return [root, ring, book]


@value
def shared():
    common = {"k": 1}
    who = Plain("a")
    return [common, common, (common,), who, {"who": who}]


class Node:
    def __init__(self, value, next=None):
        self.value, self.next = value, next


@value
def linked():
    found = None
    for at in range(30):
        found = Node(at, found)
    return found


class ListChild(list):
    pass


class DictChild(dict):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.loaded = True

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class StrChild(str):
    def __new__(cls, text, language="en"):
        self = super().__new__(cls, text)
        self.language = language
        return self


class IntChild(int):
    pass


class FloatChild(float):
    pass


class BytesChild(bytes):
    pass


class TupleChild(tuple):
    pass


class SetChild(set):
    pass


class DateChild(datetime.date):
    pass


class PathChild(pathlib.PurePosixPath):
    pass


class DecimalChild(decimal.Decimal):
    pass


@value
def children():
    marked = ListChild([1, 2])
    marked.note = "n"
    return [
        marked, DictChild(a=1), StrChild("x", "de"), IntChild(3), BytesChild(b"a"), TupleChild((1, 2)), SetChild({1}),
        DateChild(2024, 1, 1), PathChild("a/b"), DecimalChild("1.5"), FloatChild(1.5),
    ]  # fmt: skip


@dataclasses.dataclass
class Line:
    sku: str
    amount: int = 1
    tags: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Frozen:
    name: str
    line: Line
    total: int = dataclasses.field(init=False, default=0)

    def __post_init__(self):
        object.__setattr__(self, "total", len(self.name))


@dataclasses.dataclass(init=False)
class NoInit:
    name: str
    size: int

    def __init__(self, text):
        self.name, _, size = text.partition(":")
        self.size = int(size)


@dataclasses.dataclass
class WithInitVar:
    name: str
    scale: dataclasses.InitVar[int] = 1
    size: int = dataclasses.field(init=False)

    def __post_init__(self, scale):
        self.size = scale * 10


@dataclasses.dataclass(frozen=True)
class FrozenSlots:
    __slots__ = ("x", "y")
    x: int
    y: int


@value
def dataclass_kinds():
    marked = Line("A")
    marked.seen = True
    return [Line("A1", 2, ["x"]), marked, Frozen("abc", Line("B")), NoInit("a:3"), WithInitVar("w", 4), FrozenSlots(1, 2)]


@dataclasses.dataclass
class Checked:
    amount: int

    def __post_init__(self):
        if self.amount < 0:
            raise ValueError("negative")


@value
def dataclass_past_its_checks():
    found = Checked(1)
    found.amount = -5
    return found


class Failure(Exception):
    def __init__(self, message, code, **extra):
        super().__init__(message)
        self.code = code
        self.extra = extra


class Bare(Exception):
    pass


@value
def exceptions():
    caused = ValueError("outer")
    caused.__cause__ = KeyError("inner")
    return [
        ValueError("x", 1), Failure("broken", 7, why="y"), Bare(), KeyError("k"), OSError(2, "No such file", "a.txt"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), caused, StopIteration(3), SystemExit(2),
    ]  # fmt: skip


# -- things of the runtime ---------------------------------------------------------------------------


@value
def streams():
    moved = io.BytesIO(b"abcdef")
    moved.read(2)
    text = io.StringIO("line 1\nline 2\n")
    text.readline()
    return [moved, text, io.TextIOWrapper(io.BytesIO(b"abc"), encoding="utf-8"), io.BufferedReader(io.BytesIO(b"xyz"))]


@value
def loggers():
    return {"log": logging.getLogger("shop.orders"), "root": logging.getLogger()}


@value
def iterators():
    started = iter([1, 2, 3])
    next(started)
    return [
        started, iter("abc"), iter((1,)), iter({"a": 1}), iter({1}), iter(range(3)), zip([1], [2]), enumerate("ab"),
        map(str, [1]), filter(None, [0, 1]), itertools.count(5), itertools.chain([1], [2]), reversed([1, 2]),
        itertools.cycle([1, 2]), itertools.repeat(1, 3),
    ]  # fmt: skip


@value
def generators():
    return {"rows": (item for item in [1, 2]), "name": "x"}


class Service:
    def __init__(self, name, log=None):
        self.name = name
        self.log = log or logging.getLogger(__name__)
        self.lock = threading.RLock()
        self.event = threading.Event()
        self.jobs = queue.Queue()
        self.jobs.put("a")
        self.local = threading.local()
        self.random = random.Random(5)
        self.made = datetime.datetime(2024, 1, 1)


@value
def service_with_runtime_parts():
    return Service("s")


@value
def runtime_objects():
    return {"lock": threading.Lock(), "event": threading.Event(), "queue": queue.Queue(), "n": 1, "sem": threading.Semaphore(2)}


@value
def namespaces():
    return [types.SimpleNamespace(a=1, b=[2]), argparse.Namespace(file="x", verbose=True)]


@value
def null_context():
    return [contextlib.nullcontext(3), contextlib.suppress(KeyError)]


class Descriptor:
    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, item, owner=None):
        return self if item is None else item.__dict__.get(self.name)

    def __set__(self, item, given):
        if given is not None and given < 0:
            raise ValueError("negative")
        item.__dict__[self.name] = given


class Described:
    size = Descriptor()

    def __init__(self, size):
        self.size = size


@value
def descriptors():
    return Described(4)


class CachedProperty:
    def __init__(self, words):
        self.words = words

    @functools.cached_property
    def joined(self):
        return " ".join(self.words)


@value
def cached_properties():
    found = CachedProperty(["a", "b"])
    assert found.joined
    return found


class Proxy:
    def __init__(self, target):
        object.__setattr__(self, "_target", target)

    def __getattribute__(self, name):
        return getattr(object.__getattribute__(self, "_target"), name)

    def __setattr__(self, name, given):
        setattr(object.__getattribute__(self, "_target"), name, given)


@value
def proxies():
    return {"proxy": Proxy(Plain("inside")), "n": 1}


class _Secret:
    def __init__(self, depth):
        self.depth = depth


@value
def private_classes():
    return [_Secret(1), {"x": _Secret(2)}]


class Abstract(typing.Protocol):
    def run(self): ...


class Generic(typing.Generic[typing.TypeVar("T")]):
    def __init__(self, item):
        self.item = item


@value
def generics():
    return [Generic[int](5), Generic("x")]


def local_class():
    class Local:
        def __init__(self):
            self.size = 1

    return {"local": Local(), "n": 1}


value(local_class)


@value
def deep():
    found = []
    for _ in range(35):
        found = [found]
    return found


@value
def wide():
    return {"rows": [{"id": at, "name": f"row {at}", "price": decimal.Decimal(at)} for at in range(200)]}


# -- libraries that are installed beside triage -----------------------------------------------------

import attrs
import pydantic
import sqlalchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


@attrs.define
class Converted:
    name: str = attrs.field(converter=str.upper)
    size: int = attrs.field(default=1, validator=attrs.validators.ge(0))
    pairs: dict = attrs.field(converter=lambda text: dict(part.split("=") for part in text.split(";")), default="a=1")
    made: list = attrs.field(init=False, factory=list)


@attrs.frozen
class Under:
    x: int
    _hidden: int = attrs.field(default=2, alias="shown")


@value
def attrs_kinds():
    broken = Converted("a")
    object.__setattr__(broken, "size", -1)
    return [Converted("abc", 2, "b=2;c=3"), broken, Under(1, 5)]


class Item(pydantic.BaseModel):
    sku: str
    price: decimal.Decimal = decimal.Decimal("1")


class Order(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="allow")
    id: int = pydantic.Field(alias="orderId")
    items: list[Item] = []

    @pydantic.field_validator("id")
    @classmethod
    def positive(cls, given):
        assert given > 0
        return given


@value
def models():
    return [Item(sku="x"), Item(sku="x", price="2.5"), Order(orderId=3, items=[Item(sku="a")]), Order.model_construct(id=-5)]


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    posts: Mapped[list["Post"]] = relationship(back_populates="user")


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sqlalchemy.ForeignKey("users.id"))
    user: Mapped[User] = relationship(back_populates="posts")


@value
def rows():
    user = User(id=1, name="a")
    user.posts = [Post(id=2)]
    return [User(id=1, name="b"), user, user.posts[0]]
