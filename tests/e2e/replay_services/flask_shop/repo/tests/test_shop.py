import pytest

from shop import create_app


@pytest.fixture
def client():
    return create_app({"TESTING": True}).test_client()


def test_quote(client):
    answer = client.post("/quote/de", json={"lines": [{"price": 100, "quantity": 2}]})
    assert answer.get_json() == {"total": 238}
