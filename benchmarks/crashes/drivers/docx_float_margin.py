"""Paper: reads the page set-up of documents."""
import io
import re
import zipfile

from docx import Document


def setup(data):
    section = Document(io.BytesIO(data)).sections[0]
    return {"top": section.top_margin, "bottom": section.bottom_margin}


def rewritten(data, pattern, new):
    source, target = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        for item in source.infolist():
            body = source.read(item)
            if item.filename == "word/document.xml":
                body = re.sub(pattern, new, body)
            packed.writestr(item, body)
    return target.getvalue()


def main():
    plain = io.BytesIO()
    Document().save(plain)
    print(setup(plain.getvalue()))
    print(setup(rewritten(plain.getvalue(), rb'w:bottom="\d+"', b'w:bottom="1152.0"')))
