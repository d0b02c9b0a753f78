"""API docs: sections of a docstring."""
import griffe


def sections(text, function):
    doc = griffe.Docstring(text, lineno=1, parent=function)
    return [section.kind.value for section in doc.parse("google")]


def main():
    plain = griffe.Function("f", returns=griffe.ExprName("int"))
    print(sections("Sum.\n\nReturns:\n    The sum.\n", plain))
    print(sections("Loop.\n\nReceives:\n    a: First.\n    b: Second.\n", plain))
