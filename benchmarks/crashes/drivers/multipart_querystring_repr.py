"""Debugging: writes down which parser reads a form."""
from multipart.multipart import QuerystringParser


class Form:
    def __init__(self, strict):
        self.fields = []
        self.parser = QuerystringParser({"on_field_name": self.named}, strict_parsing=strict)

    def named(self, data, start, end):
        self.fields.append(data[start:end])

    def read(self, data):
        self.parser.write(data)
        return len(self.fields)

    def describe(self):
        return "form read by %r" % (self.parser,)


def main():
    form = Form(strict=False)
    print(form.read(b"a=1&b=2"))
    print(form.describe())
