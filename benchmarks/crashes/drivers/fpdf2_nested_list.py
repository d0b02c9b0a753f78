"""Letters: renders HTML as PDF."""
from fpdf import FPDF


def letter(title, html):
    pdf = FPDF()
    pdf.set_title(title)
    pdf.add_page()
    pdf.set_font("helvetica", size=12)
    pdf.write_html(html)
    return bytes(pdf.output())


def main():
    print(len(letter("Rent", "<p>Dear <b>Ms Brown</b></p><ul><li>first</li><li>second</li></ul>")))
    print(len(letter("Rent", "<p>Please note:</p><ul><li>one<ol><li>a</li></ol></li></ul>")))
