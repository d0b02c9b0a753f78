from fastapi.testclient import TestClient

from booking.main import app

client = TestClient(app)


def test_stay():
    body = {"guest": "Ann", "arrival": "2024-03-01", "nights": 2, "room": "single"}
    assert client.post("/stays", json=body).status_code == 200
