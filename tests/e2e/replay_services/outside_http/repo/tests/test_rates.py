from rates.client import RateClient, convert


class Fixed(RateClient):
    def latest(self, currency):
        return 2


def test_convert():
    assert convert(Fixed("http://rates"), 2, "USD") == 4
