"""Proxy: asks a local service for paths."""
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from urllib3 import HTTPConnectionPool


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *args):
        pass


class Proxy:
    def __init__(self, port):
        self.pool = HTTPConnectionPool("127.0.0.1", port, retries=False, timeout=5)

    def fetch(self, path):
        return self.pool.urlopen("GET", path).status


def main():
    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    proxy = Proxy(server.server_port)
    print(proxy.fetch("/a/b?x=1"))
    print(proxy.fetch("//v2:latest/manifests"))
    server.shutdown()
