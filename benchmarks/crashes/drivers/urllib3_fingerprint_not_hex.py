"""Pins: checks certificates against the configured fingerprints."""
import hashlib
from urllib3.exceptions import SSLError
from urllib3.util.ssl_ import assert_fingerprint


class Pins:
    def __init__(self, fingerprints):
        self.fingerprints = fingerprints

    def known(self, certificate):
        for fingerprint in self.fingerprints:
            try:
                assert_fingerprint(certificate, fingerprint)
                return True
            except SSLError:
                pass
        return False


def main():
    certificate = b"0\x82\x01\x0a a certificate"
    print(Pins([hashlib.sha256(certificate).hexdigest()]).known(certificate))
    print(Pins(["ab:" * 31 + "ab"]).known(certificate))
    print(Pins(["sha256 of the old certificate, see the wiki pages for it! (todo)"]).known(certificate))
