"""Support bundle: lists what is installed in a folder."""
import contextlib
import io
import os
import tempfile

from importlib_metadata import diagnose


def installed(folder):
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        diagnose.inspect(folder)
    return shown.getvalue().splitlines()[1:]


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "good-1.0.dist-info"))
        with open(os.path.join(folder, "good-1.0.dist-info", "METADATA"), "w") as out:
            out.write("Metadata-Version: 2.1\nName: good\nVersion: 1.0\n")
        print(installed(folder))
        os.mkdir(os.path.join(folder, "left-2.0.dist-info"))
        print(installed(folder))
