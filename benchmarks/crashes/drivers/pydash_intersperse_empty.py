"""Breadcrumbs: puts a separator between the parts of a path."""
import pydash


def trail(parts):
    return "".join(pydash.intersperse(parts, " / "))


def main():
    print(trail(["home", "shop", "tea"]))
    print(trail([]))
