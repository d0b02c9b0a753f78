from orders.model import Missing


class OrderRepository:
    def __init__(self, rows=()):
        self._rows = {row.id: row for row in rows}

    def get(self, order_id):
        try:
            return self._rows[order_id]
        except KeyError:
            raise Missing(order_id) from None
