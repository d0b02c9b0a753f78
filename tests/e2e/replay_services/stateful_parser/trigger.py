import sentry_sdk

from parser.stream import FrameParser


def serve(chunks):
    parser = FrameParser(limit=32)
    answers = []
    for chunk in chunks:
        answers.extend(parser.feed(chunk))
    return answers


try:
    serve([bytes([4]) + b"na=x", bytes([2]) + b"rb"])
except Exception:
    sentry_sdk.capture_exception()
