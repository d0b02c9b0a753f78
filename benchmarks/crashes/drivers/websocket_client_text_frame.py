"""Relay: checks what clients want to send before it is sent."""
from websocket._abnf import ABNF
from websocket._utils import validate_utf8


class Relay:
    def __init__(self):
        self.frames = []

    def send(self, message):
        if not validate_utf8(message):
            return "refused"
        self.frames.append(ABNF.create_frame(message, ABNF.OPCODE_TEXT))
        return len(self.frames)


def main():
    relay = Relay()
    print(relay.send(b"hello"))
    print(relay.send("caf\u00e9"))
