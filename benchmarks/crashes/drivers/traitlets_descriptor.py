"""Settings: traits next to other descriptors."""
from traitlets import HasTraits, Int


class Secret:
    def __get__(self, instance, owner):
        if instance is None:
            raise AttributeError("only on instances")
        return "hidden"


def settings(extra):
    body = {"size": Int(3), **extra}
    return type("Settings", (HasTraits,), body)().size


def main():
    print(settings({}))
    print(settings({"secret": Secret()}))
