"""Orders: defaults are there before the flush."""
import sqlalchemy as sa
from sqlalchemy.orm import declarative_base
from sqlalchemy_utils import force_instant_defaults

force_instant_defaults()
Base = declarative_base()


class Customer(Base):
    __tablename__ = "customer"
    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String, default="nobody")


class Order(Base):
    __tablename__ = "orders"
    id = sa.Column(sa.Integer, primary_key=True)
    number = sa.Column(sa.Integer, sa.Sequence("order_numbers"))
    state = sa.Column(sa.String, default="new")


def place(state):
    return Order(state=state).state


def main():
    print(Customer().name)
    print(place("paid"))
