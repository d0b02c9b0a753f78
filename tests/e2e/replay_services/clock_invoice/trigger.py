import datetime

import sentry_sdk

import invoice.due


class Then(datetime.date):
    @classmethod
    def today(cls):
        return cls(2025, 1, 31)

    def __repr__(self):
        return f"datetime.date({self.year}, {self.month}, {self.day})"


invoice.due.date = Then
try:
    invoice.due.due_date("ACME")
except Exception:
    sentry_sdk.capture_exception()
