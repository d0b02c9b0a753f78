from sqlalchemy import select

from bank.models import Account


def statement(session, owner):
    account = session.scalars(select(Account).where(Account.owner == owner)).one()
    return summary(account)


def summary(account):
    return {"owner": account.owner, "average": account.average}
