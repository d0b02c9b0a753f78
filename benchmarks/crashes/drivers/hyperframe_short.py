"""Tap: reads the frames of a captured HTTP/2 connection."""
from hyperframe import exceptions
from hyperframe.frame import Frame

NAMES = ("InvalidFrameError", "InvalidDataError", "InvalidPaddingError")
KNOWN = tuple(getattr(exceptions, name) for name in NAMES if hasattr(exceptions, name))


def read(data):
    header = memoryview(data[:9])
    frame, length = Frame.parse_frame_header(header)
    frame.parse_body(memoryview(data[9 : 9 + length]))
    return frame


def kinds(frames):
    found = []
    for data in frames:
        try:
            found.append(type(read(data)).__name__)
        except KNOWN as error:
            found.append(str(error))
    return found


def main():
    ping = b"\x00\x00\x08\x06\x00\x00\x00\x00\x00" + b"12345678"
    headers = b"\x00\x00\x00\x01\x00\x00\x00\x00\x00"
    print(kinds([ping, headers]))
