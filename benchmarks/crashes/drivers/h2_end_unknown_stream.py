"""HTTP/2 client: finishes a request."""
import h2.config
import h2.connection
import h2.exceptions


class Client:
    def __init__(self):
        self.connection = h2.connection.H2Connection(config=h2.config.H2Configuration(client_side=True))
        self.connection.initiate_connection()

    def open(self, path):
        stream = self.connection.get_next_available_stream_id()
        self.connection.send_headers(stream, [(":method", "POST"), (":path", path), (":scheme", "https"), (":authority", "example.org")])
        return stream

    def finish(self, stream):
        try:
            self.connection.end_stream(stream)
        except h2.exceptions.ProtocolError as error:
            return str(error)
        return "done"


def main():
    client = Client()
    print(client.finish(client.open("/a")))
    print(client.finish(7))
