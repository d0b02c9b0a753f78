"""Feed: listens to prices, or says why it cannot."""
import socket
import threading

import websocket


def answering(text):
    listener = socket.create_server(("127.0.0.1", 0))

    def answer():
        connection, _ = listener.accept()
        connection.recv(4096)
        connection.sendall(text)
        connection.close()
        listener.close()

    threading.Thread(target=answer, daemon=True).start()
    return listener.getsockname()[1]


class Feed:
    def __init__(self, port):
        self.address = f"ws://127.0.0.1:{port}/prices"

    def open(self):
        try:
            return websocket.create_connection(self.address, timeout=5).connected
        except websocket.WebSocketException as error:
            return type(error).__name__


def main():
    print(Feed(answering(b"HTTP/1.1 404 Not Found\r\n\r\n")).open())
    print(Feed(answering(b"HTTP/1.1\r\n\r\n")).open())
