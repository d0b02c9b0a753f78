"""Gateway: looks into certificates."""
from pyasn1.codec.der.decoder import decode
from pyasn1.error import PyAsn1Error


def depth(substrate):
    try:
        value, _ = decode(substrate)
    except PyAsn1Error:
        return -1
    return len(value)


def nested(levels):
    body = b"\x05\x00"
    for _ in range(levels):
        size = len(body)
        body = b"\x30" + (bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")) + body
    return body


def main():
    print(depth(nested(3)))
    print(depth(nested(2000)))
