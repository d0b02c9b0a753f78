"""Schema catalogue: reads migrations as they are uploaded."""
from simple_ddl_parser import DDLParser


def columns(migration):
    return [[column["name"] for column in table["columns"]] for table in DDLParser(migration).run()]


def main():
    table = "CREATE TABLE tea (id int NOT NULL, name varchar(10));\n"
    print(columns(table + "ALTER TABLE tea ADD COLUMN price int;\n"))
    print(columns(table + "ALTER TABLE tea ADDCOLUMN price int;\n"))
