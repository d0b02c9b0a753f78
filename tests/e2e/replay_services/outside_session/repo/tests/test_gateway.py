import httpx

from pay.gateway import Gateway, pay


def test_pay():
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json={"id": "c1"}))
    gateway = Gateway("http://pay", "k", httpx.Client(transport=transport))
    assert pay(gateway, "card_1", 2.5) == {"id": "c1", "cents": 250}
