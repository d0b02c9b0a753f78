"""Jobs: classes made from their description."""
import attr


def describe(name, fields):
    def before(self, retries=0):
        pass

    body = {field: attr.ib(default=default, kw_only=True) for field, default in fields.items()}
    body["__attrs_pre_init__"] = before
    return attr.make_class(name, body)


def main():
    print(attr.make_class("Plain", {"retries": attr.ib(default=1, kw_only=True)})())
    job = describe("Job", {"retries": 3})
    print(job())
