from cart.service import checkout


class TestCheckout:
    def test_mug(self):
        assert checkout({"customer": "ann", "items": [("mug", 2)]}) == {"customer": "ann", "shipping": 5}
