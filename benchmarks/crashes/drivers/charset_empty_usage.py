"""Text import: how much of a file is not ASCII."""

from charset_normalizer import from_bytes


def report(files):
    rows = []
    for name, data in files:
        best = from_bytes(data).best()
        rows.append((name, best.encoding, round(best.multi_byte_usage, 3)))
    return rows


def main():
    print(report([("a.txt", "Grüße aus Köln und München, schöne Tage".encode())]))
    print(report([("a.txt", b"plain text"), ("b.txt", b"")]))
