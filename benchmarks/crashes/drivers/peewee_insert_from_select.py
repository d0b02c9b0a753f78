"""Archive: copies old orders into the archive table."""
from peewee import SqliteDatabase, Table


class Archive:
    def __init__(self, database):
        self.database = database
        self.orders = Table("orders", ("id", "total")).bind(database)
        self.old = Table("old_orders").bind(database)

    def create(self):
        self.database.execute_sql("create table orders (id integer, total integer)")
        self.database.execute_sql("create table old_orders (id integer, total integer)")

    def move(self, limit):
        found = self.orders.select().where(self.orders.total > limit)
        return self.old.insert(found).execute()


def main():
    archive = Archive(SqliteDatabase(":memory:"))
    archive.create()
    archive.orders.insert({archive.orders.id: 1, archive.orders.total: 12}).execute()
    archive.move(10)
    print(archive.old.select().count())
