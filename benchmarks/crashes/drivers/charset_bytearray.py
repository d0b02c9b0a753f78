"""Receiver: collects chunks and guesses the encoding."""

from charset_normalizer import from_bytes


class Receiver:
    def __init__(self):
        self.buffer = bytearray()

    def feed(self, chunk):
        self.buffer += chunk

    def text(self):
        return str(from_bytes(self.buffer).best())


def main():
    receiver = Receiver()
    for chunk in ("Bonjour, déjà ", "l'été à Nîmes; ça va être très agréable."):
        receiver.feed(chunk.encode("utf-8"))
    print(receiver.text())
