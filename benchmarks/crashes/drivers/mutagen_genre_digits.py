"""Music library: reads the genres of uploaded songs."""

import io

from mutagen.id3 import ID3, TCON, TIT2


def tag(title, genre):
    tags = ID3()
    tags.add(TIT2(encoding=3, text=[title]))
    tags.add(TCON(encoding=3, text=[genre]))
    out = io.BytesIO()
    tags.save(out)
    return out.getvalue()


def genres(data):
    tags = ID3(io.BytesIO(data))
    return [genre for frame in tags.getall("TCON") for genre in frame.genres]


def main():
    print(genres(tag("One", "17")))
    print(genres(tag("Two", "R\u00b2")))
    print(genres(tag("Three", "\u00b2")))
