from datetime import timedelta

RATES = {"single": 80, "double": 120}


def departure(stay):
    return stay.arrival + timedelta(days=stay.nights)


def allocate(stay):
    kind = stay.room.lower()
    end = departure(stay)
    return f"{kind}-{end.isoformat()}-{RATES[kind] * stay.nights}"
