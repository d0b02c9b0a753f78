"""Archive: reads old timestamps."""
import arrow


def year(record):
    return arrow.get(record["at"], record.get("format", "X")).year


def main():
    print(year({"at": "1565358758"}))
    print(year({"at": "-1565358758"}))
