"""Gateway: declares the attributes of its streams."""
import anyio
from anyio import TypedAttributeSet, typed_attribute


def attributes(base, names):
    return type("Extra", (base,), {"__annotations__": {name: str for name in names}, **{name: typed_attribute() for name in names}})


def main():
    first = attributes(TypedAttributeSet, ["peer"])
    print(first)
    print(attributes(first, ["tenant"]))
