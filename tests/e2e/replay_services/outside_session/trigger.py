import socket

import sentry_sdk

from pay.gateway import Gateway, pay

server = socket.socket()
server.bind(("127.0.0.1", 0))
server.listen()
gateway = Gateway(f"http://127.0.0.1:{server.getsockname()[1]}", "key_1")
try:
    pay(gateway, "card_42", 19.99)
except Exception:
    sentry_sdk.capture_exception()
