"""Calendar export: says which time zones a calendar does not define."""
from icalendar import Calendar

ZONE = (
    "BEGIN:VTIMEZONE\r\nTZID:%s\r\nBEGIN:STANDARD\r\nDTSTART:19701025T030000\r\n"
    "TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)
EVENT = "BEGIN:VEVENT\r\nUID:%s\r\nDTSTART%s\r\nEND:VEVENT\r\n"


class Export:
    def __init__(self, owner):
        self.owner = owner
        self.parts = []

    def add(self, part):
        self.parts.append(part)

    def missing(self):
        text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:%s\r\n%sEND:VCALENDAR\r\n" % (self.owner, "".join(self.parts))
        return Calendar.from_ical(text).get_missing_tzids()


def main():
    export = Export("ana")
    export.add(ZONE % "Europe/Paris")
    export.add(EVENT % ("1", ";TZID=Europe/Paris:20240101T100000"))
    print(export.missing())
    export = Export("ben")
    export.add(ZONE % "Europe/Paris")
    export.add(EVENT % ("2", ":20240101T100000Z"))
    print(export.missing())
