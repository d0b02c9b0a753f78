from datetime import datetime
from decimal import Decimal

from orders.model import Order
from orders.repository import OrderRepository
from orders.service import Mailer, OrderService


def make_service(*orders):
    return OrderService(OrderRepository(orders), Mailer("a@b.c"))


def test_confirm():
    order = Order(3, "cy", Decimal("1"), datetime(2024, 1, 2), voucher="X-1")
    assert make_service(order).confirm(3) == "X-3-240102-open"
