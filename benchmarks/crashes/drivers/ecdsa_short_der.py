"""Key store: accepts public keys of devices."""
from ecdsa import VerifyingKey
from ecdsa.der import UnexpectedDER


def accepted(encoded):
    try:
        VerifyingKey.from_der(encoded)
    except UnexpectedDER:
        return False
    return True


def main():
    print(accepted(b"\x04\x02"))
    print(accepted(b"0\x07\x30\x05\x06\x01\x00"))
