from datetime import datetime
from decimal import Decimal

from orders.model import Order, Status
from orders.repository import OrderRepository
from orders.service import Mailer, OrderService


def nightly():
    rows = [
        Order(1, "ann", Decimal("10.50"), datetime(2024, 5, 1), Status.PAID, "SUM-5"),
        Order(2, "bob", Decimal("7.00"), datetime(2024, 5, 2)),
    ]
    service = OrderService(OrderRepository(rows), Mailer("shop@example.org"))
    return [service.confirm(row.id) for row in rows]
