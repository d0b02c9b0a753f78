class Mailer:
    def __init__(self, sender):
        self.sender = sender
        self.sent = []

    def send(self, to, text):
        self.sent.append((self.sender, to, text))


class OrderService:
    def __init__(self, repository, mailer):
        self.repository = repository
        self.mailer = mailer

    def confirm(self, order_id):
        order = self.repository.get(order_id)
        code = self.code_for(order)
        self.mailer.send(order.customer, code)
        return code

    def code_for(self, order):
        prefix = order.voucher.split("-")[0]
        return f"{prefix}-{order.id}-{order.placed:%y%m%d}-{order.status.value}"
