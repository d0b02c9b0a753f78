"""Mirror: copies what a server sends, in pieces."""
import httpx


def pieces(response, size):
    return [len(piece) for piece in response.iter_bytes(chunk_size=size)]


def main():
    print(pieces(httpx.Response(200, content=b"hello"), 2))
    print(pieces(httpx.Response(204), None))
