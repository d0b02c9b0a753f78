class FrameParser:
    """Length-prefixed frames out of chunks of bytes."""

    def __init__(self, limit=64):
        self.limit = limit
        self.buffer = b""
        self.names = {}

    def feed(self, chunk):
        self.buffer += chunk
        frames = []
        while self.buffer:
            size = self.buffer[0]
            if len(self.buffer) <= size:
                break
            frames.append(self.decode(self.buffer[1 : size + 1]))
            self.buffer = self.buffer[size + 1 :]
        return frames

    def decode(self, body):
        kind, rest = body[:1], body[1:]
        if kind == b"n":
            key, _, name = rest.partition(b"=")
            self.names[key] = name.decode()
            return None
        return self.names[rest]
