"""Chat: renders messages."""
import mistletoe


def render(message):
    return mistletoe.markdown(message["text"])


def main():
    print(render({"from": "ana", "text": "*hello* **you**"}))
    print(render({"from": "ben", "text": "|___|______|_"}))
