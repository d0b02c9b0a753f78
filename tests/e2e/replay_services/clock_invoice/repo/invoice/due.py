from datetime import date


def next_month(day):
    return day.replace(month=day.month % 12 + 1, year=day.year + day.month // 12)


def due_date(customer, terms="monthly"):
    today = date.today()
    return f"{customer}: {next_month(today).isoformat()}"
