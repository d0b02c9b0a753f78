from starlette.testclient import TestClient

from stock.app import app

TestClient(app, raise_server_exceptions=False).get("/ratio/B2?of=12")
