from parser.stream import FrameParser


class TestFrames:
    def test_names(self):
        parser = FrameParser()
        assert parser.feed(bytes([4]) + b"na=x") == [None]
        assert parser.feed(bytes([2]) + b"ra") == ["x"]
