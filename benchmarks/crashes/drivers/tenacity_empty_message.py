"""Client: tries again on the errors of a list."""
from tenacity import Retrying, retry_if_exception_message, stop_after_attempt


def policy(message):
    return Retrying(stop=stop_after_attempt(2), retry=retry_if_exception_message(message=message))


def fetch(messages, call):
    for message in messages:
        policy(message)(call)
    return "done"


def main():
    print(fetch(["timed out", ""], lambda: "answer"))
