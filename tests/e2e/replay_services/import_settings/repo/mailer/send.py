from mailer.settings import LIMITS


def send(messages):
    return messages[: LIMITS["batch"]]
