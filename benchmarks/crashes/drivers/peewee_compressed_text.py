"""Archive: keeps long texts small."""
from peewee import Model, SqliteDatabase
from playhouse.fields import CompressedField

database = SqliteDatabase(":memory:")


class Page(Model):
    body = CompressedField()

    class Meta:
        database = database


def keep(body):
    return Page.create(body=body).id


def main():
    database.create_tables([Page])
    print(keep(b"hello"))
    print(keep("hello again"))
