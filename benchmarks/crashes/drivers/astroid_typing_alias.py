"""Code map: what names in a module stand for."""
import astroid


def values(source):
    module = astroid.parse(source)
    found = {}
    for name, nodes in module.locals.items():
        found[name] = [str(type(item).__name__) for item in nodes[0].infer()]
    return found


def main():
    print(values("x = 1\n"))
    print(values("_alias = None\nx = _alias()\n"))
