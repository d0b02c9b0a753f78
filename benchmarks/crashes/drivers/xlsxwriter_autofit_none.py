"""Reports: writes spreadsheets."""
import io

import xlsxwriter


def report(rows, widths):
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    for at, row in enumerate(rows):
        sheet.write_row(at, 0, row)
    for column, width in widths.items():
        sheet.set_column(column, column, width)
    sheet.autofit()
    book.close()
    return len(out.getvalue()) > 0


def main():
    print(report([["a", "long text"]], {0: 12}))
    print(report([["a", "long text"]], {1: None}))
