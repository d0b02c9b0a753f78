"""Library scan: sample rates of Musepack files."""

import io

from mutagen import MutagenError
from mutagen.musepack import Musepack


def packet(kind, body):
    return kind + bytes([len(body) + 3]) + body


def song(rate):
    head = b"\0\0\0\0" + b"\x08" + b"\x90\x00" + b"\x00" + bytes([rate << 5 | 0x0F, 0x17])
    gain = b"\x01" + b"\x00\x00" * 4
    return b"MPCK" + packet(b"SH", head) + packet(b"RG", gain) + packet(b"AP", b"\0" * 20)


def rates(songs):
    found = []
    for data in songs:
        try:
            found.append(Musepack(io.BytesIO(data)).info.sample_rate)
        except MutagenError:
            found.append(None)
    return found


def main():
    print(rates([song(0), song(1)]))
    print(rates([song(0), song(6)]))
