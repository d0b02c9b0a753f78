"""Directory: decodes what clients send."""
from pyasn1.codec.ber import decoder
from pyasn1.error import PyAsn1Error


class Reader:
    def __init__(self, limit):
        self.limit = limit

    def read(self, substrate):
        try:
            value, rest = decoder.decode(substrate[: self.limit])
        except PyAsn1Error as error:
            return type(error).__name__
        return value.prettyPrint()


def main():
    reader = Reader(100)
    print(reader.read(b"\x02\x01\x07"))
    print(reader.read(b"\x02\x05\x07"))
    print(reader.read(b"\x04\x8a\x7f" + b"\xff" * 9 + b"abc"))
