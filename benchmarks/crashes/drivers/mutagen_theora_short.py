"""Video upload: frame rate of Ogg Theora files."""

import struct
import tempfile

from mutagen import MutagenError
from mutagen.ogg import OggPage
from mutagen.oggtheora import OggTheora


def upload(payload):
    page = OggPage()
    page.first = True
    page.packets = [payload]
    return page.write()


def describe(path):
    try:
        video = OggTheora(path)
    except MutagenError as problem:
        return {"problem": str(problem)}
    return {"fps": video.info.fps, "title": video.get("title", [""])[0]}


def main():
    head = b"\x80theora" + bytes([3, 2]) + b"\0" * 13 + struct.pack(">II", 0, 0)[:6]
    with tempfile.NamedTemporaryFile(suffix=".ogv") as file:
        file.write(upload(head))
        file.flush()
        print(describe(file.name))
