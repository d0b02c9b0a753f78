VAT = {"DE": 19, "NL": 21, "FR": 20}


class Discount:
    def __init__(self, code, percent):
        self.code = code
        self.percent = percent

    def apply(self, amount):
        return amount - amount * self.percent // 100


def vat(country):
    return VAT[country.upper()]


def quote(lines, country, discount):
    net = 0
    for line in lines:
        net += line["price"] * line["quantity"]
    net = discount.apply(net)
    return net + net * vat(country) // 100
