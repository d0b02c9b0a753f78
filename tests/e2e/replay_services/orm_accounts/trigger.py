import sentry_sdk

from bank.models import Account, open_session
from bank.reports import statement

session = open_session()
session.add(Account(owner="bob"))
session.commit()
try:
    statement(session, "bob")
except Exception:
    sentry_sdk.capture_exception()
