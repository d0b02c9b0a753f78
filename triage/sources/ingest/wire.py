"""What the HTTP side and the process that stores say to each other: frames over a socket.

A frame is four bytes of length and MessagePack: a batch of events there, an answer back. Both
ends are ours.
"""

from collections.abc import Sequence

import msgspec

from triage.domain.incoming import IncomingEvent

HEAD = 4


class Answer(msgspec.Struct, array_like=True):
    """What became of a batch: the issue of each event (None for duplicates), or why none of
    them was stored (title, detail, hint)."""

    issues: list[int | None] = []
    error: tuple[str, str, str] | None = None


_encoder = msgspec.msgpack.Encoder()
_events = msgspec.msgpack.Decoder(list[IncomingEvent])
_answer = msgspec.msgpack.Decoder(Answer)


def pack(message: Sequence[IncomingEvent] | Answer) -> bytearray:
    """`message` as one frame."""
    frame = bytearray(HEAD)
    _encoder.encode_into(message, frame, HEAD)
    frame[:HEAD] = (len(frame) - HEAD).to_bytes(HEAD, "little")
    return frame


def events_in(frame: bytes) -> list[IncomingEvent]:
    """The events of a batch. Raises msgspec.DecodeError for anything else."""
    return _events.decode(frame)


def answer_in(frame: bytes) -> Answer:
    """An answer. Raises msgspec.DecodeError for anything else."""
    return _answer.decode(frame)


class Frames:
    """Cuts what arrives into frames."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._at = 0

    def feed(self, part: bytes) -> None:
        """Take in what arrived next."""
        del self._held[: self._at]
        self._at = 0
        self._held += part

    def take(self) -> bytes:
        """The oldest frame's content, b"" while none is complete (no message is empty)."""
        start = self._at + HEAD
        end = start + int.from_bytes(self._held[self._at : start], "little")
        if start > len(self._held) or end > len(self._held):
            return b""
        self._at = end
        with memoryview(self._held) as held:
            return bytes(held[start:end])
