"""Nightly job: asks the command line tool for the encodings of new files."""

import os
import sys
import tempfile

from charset_normalizer.cli.normalizer import cli_detect


def encodings(paths):
    return cli_detect(["--with-alternative", "--minimal", *paths])


def main():
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for name, data in (
            ("a.txt", "Où est la bibliothèque de l'école? Là-bas, près du café.".encode("cp1252")),
            ("b.bin", bytes(range(256)) * 8),
        ):
            names.append(os.path.join(folder, name))
            with open(names[-1], "wb") as out:
                out.write(data)
        print(encodings(names[:1]), file=sys.stderr)
        print(encodings(names), file=sys.stderr)
