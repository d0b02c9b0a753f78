"""Order API: checks a JSON order with the web form."""
from wtforms import Form, IntegerField, StringField


class JSONData(dict):
    def getlist(self, key):
        value = self[key]
        return value if isinstance(value, list) else [value]


class Order(Form):
    name = StringField()
    count = IntegerField()


def check(payload):
    form = Order(JSONData(payload))
    return form.validate(), form.errors


def main():
    print(check({"name": "tea", "count": "3"}))
    print(check({"name": "tea", "count": {"value": 3}}))
