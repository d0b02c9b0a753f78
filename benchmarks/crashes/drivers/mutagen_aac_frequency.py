"""Podcast worker: durations of uploaded files."""

import os
import tempfile

from mutagen.aac import AAC


def frame(frequency_index):
    size = 64
    head = bytes(
        [
            0xFF,
            0xF1,
            0x40 | (frequency_index << 2),
            0x80 | (size >> 11),
            (size >> 3) & 0xFF,
            ((size & 7) << 5) | 0x1F,
            0xFC,
        ]
    )
    return head + b"\x21" * (size - 7)


def durations(folder):
    found = {}
    for name in sorted(os.listdir(folder)):
        info = AAC(os.path.join(folder, name)).info
        found[name] = (info.sample_rate, info.length)
    return found


def main():
    with tempfile.TemporaryDirectory() as folder:
        for name, index in (("a.aac", 4), ("b.aac", 14)):
            with open(os.path.join(folder, name), "wb") as out:
                out.write(frame(index) * 12)
        print(durations(folder))
