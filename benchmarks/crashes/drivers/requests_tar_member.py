"""Backups: sends the files of an archive."""
import io
import tarfile

import requests


def archive(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as packed:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            packed.addfile(info, io.BytesIO(content))
    out.seek(0)
    return out


def upload(url, packed):
    sent = []
    with tarfile.open(fileobj=packed) as members:
        for member in members:
            request = requests.Request("PUT", url + member.name, data=members.extractfile(member))
            sent.append(request.prepare().headers["Content-Length"])
    return sent


def main():
    print(requests.Request("PUT", "http://127.0.0.1:9/a", data=io.BytesIO(b"abc")).prepare().headers)
    print(upload("http://127.0.0.1:9/", archive({"a.txt": b"hello", "b.txt": b"you"})))
