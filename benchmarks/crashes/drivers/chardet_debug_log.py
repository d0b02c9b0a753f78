"""Mail importer: guesses the encoding of messages, with debug logging on."""
import logging

import chardet


def encoding(body):
    return chardet.detect(body)["encoding"]


def main():
    logging.basicConfig(level=logging.DEBUG)
    print(encoding(b"plain text"))
    print(encoding(b"\x1b[1mbold\x1b[0m text"))
