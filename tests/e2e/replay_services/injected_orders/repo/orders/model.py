from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum


class Status(Enum):
    OPEN = "open"
    PAID = "paid"


@dataclass
class Order:
    id: int
    customer: str
    total: Decimal
    placed: datetime
    status: Status = Status.OPEN
    voucher: str | None = None


class Missing(Exception):
    pass
