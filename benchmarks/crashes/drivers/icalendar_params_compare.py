"""Calendar sync: finds properties that changed since the last sync."""
from icalendar import Calendar


def changed(event, known):
    return [name for name, value in event.property_items(recursive=False) if getattr(value, "params", None) != known.get(name)]


def main():
    text = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//sync//EN\r\nBEGIN:VEVENT\r\nUID:17\r\n"
        "DTSTART:20240105T100000Z\r\nSUMMARY;LANGUAGE=en:Planning\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    event = Calendar.from_ical(text).walk("VEVENT")[0]
    print(changed(event, {}))
