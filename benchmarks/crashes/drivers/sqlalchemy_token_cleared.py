"""Reports: marks what is asked in the log, unless told not to."""
from sqlalchemy import create_engine, text


class Reports:
    def __init__(self, address, mark):
        self.engine = create_engine(address)
        self.mark = mark

    def count(self, statement):
        with self.engine.connect() as connection:
            marked = connection.execution_options(logging_token=self.mark)
            return marked.execute(text(statement)).scalar_one()


def main():
    print(Reports("sqlite://", "nightly").count("select 1"))
    print(Reports("sqlite://", None).count("select 2"))
