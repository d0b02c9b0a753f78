"""Stock levels, orders and what they cost."""

from collections import Counter, defaultdict, deque, namedtuple
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum


class Grade(Enum):
    NEW = "new"
    USED = "used"


@dataclass(frozen=True)
class Money:
    amount: Decimal
    currency: str = "EUR"


@dataclass
class Order:
    number: str
    placed: datetime
    lines: list["Line"] = field(default_factory=list)
    tags: frozenset[str] = frozenset()


@dataclass
class Line:
    sku: str
    grade: Grade
    price: Money
    until: datetime | None = None


Move = namedtuple("Move", "sku amount when")


def level(levels: dict[tuple[str, Grade], int], sku: str, grade: Grade) -> int:
    return levels[sku, grade] - levels[sku, Grade.NEW]


def due(order: Order, now: datetime) -> list[str]:
    return [line.sku for line in order.lines if line.grade is Grade.USED and line.until < now]


def balance(moves: list[Move]) -> dict[str, float]:
    totals: dict[str, list[int]] = defaultdict(list)
    for move in moves:
        totals[move.sku].append(move.amount)
    return {sku: sum(amounts) / sum(1 for one in amounts if one > 0) for sku, amounts in totals.items()}


def next_batch(waiting: deque[str], seen: Counter[str], size: int) -> list[str]:
    return [waiting[at] for at in range(size) if seen[waiting[at]] < 2]


class Cart:
    def __init__(self, customer: str) -> None:
        self.customer = customer
        self._rows: dict[str, list[Line]] = {}
        self.closed = False

    def add(self, line: Line) -> None:
        self._rows.setdefault(line.sku, []).append(line)

    def cheapest(self) -> Decimal:
        return min(line.price.amount / (len(rows) - 1) for rows in self._rows.values() for line in rows)


class Shelf:
    __slots__ = ("children", "name", "parent")

    def __init__(self, name: str, parent: "Shelf | None" = None) -> None:
        self.name, self.parent = name, parent
        self.children: list[Shelf] = []
        if parent is not None:
            parent.children.append(self)

    def path(self, root: str) -> str:
        return self.name if self.name == root else self.parent.path(root) + "/" + self.name


class Settings(dict):
    def __getattr__(self, name: str) -> object:
        return self[name]


def refill(settings: Settings, levels: list[int]) -> int:
    return min(level for level in levels if level > settings.threshold)


def take(queue: list[int], amount: int) -> list[int]:
    taken = []
    while amount:
        taken.append(queue.pop())
        amount -= 1
    return taken
