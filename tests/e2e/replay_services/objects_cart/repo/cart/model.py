class Product:
    def __init__(self, sku, price, weight=None):
        self.sku = sku
        self.price = price
        self.weight = weight


class Line:
    def __init__(self, product, quantity):
        self.product = product
        self.quantity = quantity

    @property
    def weight(self):
        return self.product.weight * self.quantity


class Cart:
    def __init__(self, owner):
        self.owner = owner
        self.lines = []

    def add(self, product, quantity=1):
        self.lines.append(Line(product, quantity))
        return self

    def __iter__(self):
        return iter(self.lines)


class ShippingError(Exception):
    pass
