from datetime import date

from invoice.due import next_month


def test_next_month():
    assert next_month(date(2024, 3, 1)) == date(2024, 4, 1)
