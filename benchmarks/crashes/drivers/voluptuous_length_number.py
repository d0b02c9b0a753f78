"""Names: what the form sends."""
from voluptuous import Invalid, Length, Schema

SCHEMA = Schema({"tags": Length(min=1, max=3)})


class Form:
    def __init__(self, schema):
        self.schema = schema

    def check(self, values):
        try:
            self.schema(values)
        except Invalid as error:
            return [str(error)]
        return []


def main():
    form = Form(SCHEMA)
    print(form.check({"tags": ["a"]}))
    print(form.check({"tags": []}))
    print(form.check({"tags": 7}))
