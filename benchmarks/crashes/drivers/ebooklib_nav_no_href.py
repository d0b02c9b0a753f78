"""Library: contents of uploaded books."""
import os
import tempfile
import zipfile

from ebooklib import epub

CONTAINER = """<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="content.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""
PACKAGE = """<?xml version="1.0"?>
<package xmlns="http://www.idpf.org/2007/opf" unique-identifier="id" version="3.0">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">1</dc:identifier>
<dc:title>Tea</dc:title><dc:language>en</dc:language></metadata>
<manifest><item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/></manifest>
<spine><itemref idref="nav"/></spine></package>"""
NAV = """<?xml version="1.0"?>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><head><title>Tea</title></head>
<body><nav epub:type="toc"><ol><li><a>Leaves</a></li></ol></nav></body></html>"""


def book(folder, name, nav):
    path = os.path.join(folder, name)
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("mimetype", "application/epub+zip")
        packed.writestr("META-INF/container.xml", CONTAINER)
        packed.writestr("content.opf", PACKAGE)
        packed.writestr("nav.xhtml", nav)
    return path


def contents(upload):
    return [entry.title for entry in epub.read_epub(upload).toc]


def main():
    with tempfile.TemporaryDirectory() as folder:
        print(contents(book(folder, "a.epub", NAV.replace("<a>", '<a href="nav.xhtml">'))))
        print(contents(book(folder, "b.epub", NAV)))
