"""Certificate inventory: lists the addresses in alternative names."""
from asn1crypto import x509


def addresses(encoded):
    return [x509.IPAddress.load(item).native for item in encoded]


def main():
    print(addresses([b"\x04\x04\x7f\x00\x00\x01"]))
    print(addresses([b"\x04\x04\x0a\x00\x00\x01", b"\x04\x00"]))
