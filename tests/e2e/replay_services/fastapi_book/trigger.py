from fastapi.testclient import TestClient

from booking.main import app

TestClient(app, raise_server_exceptions=False).post(
    "/stays", json={"guest": "Bo", "arrival": "2024-05-30", "nights": 3}
)
