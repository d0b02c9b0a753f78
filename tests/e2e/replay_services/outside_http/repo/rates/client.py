import httpx


class RateClient:
    def __init__(self, base_url, timeout=2.0):
        self.base_url = base_url
        self.timeout = timeout

    def latest(self, currency):
        response = httpx.get(f"{self.base_url}/latest/{currency}", timeout=self.timeout)
        return response.json()["rate"]


def convert(client, amount, currency):
    rate = client.latest(currency)
    return round(amount * rate, 2)
