"""Ranking: joins a computed table with the customers."""
from peewee import CharField, ForeignKeyField, IntegerField, Model, SqliteDatabase, fn

database = SqliteDatabase(":memory:")


class Customer(Model):
    name = CharField()

    class Meta:
        database = database


class Order(Model):
    customer = ForeignKeyField(Customer)
    total = IntegerField()

    class Meta:
        database = database


def ranking(smallest):
    sums = Order.select(Order.customer.alias("who"), fn.SUM(Order.total).alias("total")).group_by(Order.customer)
    cte = sums.cte("sums")
    query = (
        Order.select(cte.c.total, Customer.name)
        .from_(cte)
        .join_from(cte, Customer, on=(cte.c.who == Customer.id))
        .where(cte.c.total >= smallest)
        .with_cte(cte)
    )
    return list(query.dicts())


def main():
    database.create_tables([Customer, Order])
    ana = Customer.create(name="ana")
    Order.create(customer=ana, total=5)
    Order.create(customer=ana, total=7)
    print(ranking(10))
