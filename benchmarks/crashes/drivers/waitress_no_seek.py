"""Downloads: sends generated files."""
import io

from waitress.buffers import ReadOnlyFileBasedBuffer


class Pipe(io.RawIOBase):
    def __init__(self, content):
        self.content = content

    def readable(self):
        return True

    def readinto(self, target):
        size = min(len(target), len(self.content))
        target[:size], self.content = self.content[:size], self.content[size:]
        return size


def send(stream):
    buffer = ReadOnlyFileBasedBuffer(stream)
    return buffer.prepare(5), len(list(buffer)) if False else buffer.__len__()


def main():
    print(send(io.BytesIO(b"hello")))
    print(send(Pipe(b"hello")))
