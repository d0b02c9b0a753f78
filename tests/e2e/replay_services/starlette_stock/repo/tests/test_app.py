from starlette.testclient import TestClient

from stock.app import app


def test_reserve() -> None:
    client = TestClient(app)
    assert client.post("/reserve", json={"sku": "A1", "count": 1}).json() == {"taken": 1}
