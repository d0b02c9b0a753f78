"""Invoices: rows of the first page's table."""
import io

import pdfplumber


def pdf(content):
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R /Resources << >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
    ]
    out, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = len(out)
    out += b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer << /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % table


def rows(data):
    with pdfplumber.load(io.BytesIO(data)) as document:
        return document.pages[0].extract_table()


def main():
    print(rows(pdf(b"10 10 80 40 re S 90 10 80 40 re S 10 50 80 40 re S")))
    print(rows(pdf(b"10 10 m 90 10 l S")))
