import pytest

from bank.models import Account, Entry, open_session
from bank.reports import statement


@pytest.fixture
def session():
    with open_session() as session:
        yield session


def test_statement(session):
    session.add(Account(owner="ann", entries=[Entry(cents=100), Entry(cents=300)]))
    session.commit()
    assert statement(session, "ann") == {"owner": "ann", "average": 200}
