"""Fetcher: talks to devices that send odd headers."""
import socket
import threading

import requests


def device(answer):
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(1)

    def serve():
        peer, _ = listener.accept()
        peer.recv(4096)
        peer.sendall(answer)
        peer.close()

    threading.Thread(target=serve, daemon=True).start()
    return "http://127.0.0.1:%d/" % listener.getsockname()[1]


def status(url):
    try:
        with requests.Session() as session:
            session.trust_env = False
            return session.get(url, timeout=5).status_code
    except requests.RequestException as error:
        return type(error).__name__


def main():
    print(status(device(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")))
    print(status(device(b"HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nok")))
