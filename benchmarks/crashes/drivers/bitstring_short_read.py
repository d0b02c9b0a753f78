"""Meter: reads the fields of a telegram until it ends."""
from bitstring import ConstBitStream, ReadError


class Telegram:
    def __init__(self, data):
        self.bits = ConstBitStream(bytes=data)

    def fields(self, formats):
        found = []
        for text in formats:
            try:
                found.append(self.bits.read(text))
            except ReadError:
                found.append(None)
        return found


def main():
    telegram = Telegram(b"\x01\x02\x03")
    print(telegram.fields(["uint:8", "hex:8", "floatle:32", "ue", "bool", "bytes:4", "uintle:16", "se", "bits:99"]))
