import sentry_sdk

from cart.service import checkout

ORDERS = [
    {"customer": "ann", "items": [("mug", 1)]},
    {"customer": "bob", "items": [("mug", 1), ("gift-card", 2)], "country": "FR"},
]
for order in ORDERS:
    try:
        checkout(order)
    except Exception:
        sentry_sdk.capture_exception()
