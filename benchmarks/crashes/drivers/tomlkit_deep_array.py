"""Package registry: reads an uploaded pyproject.toml."""
import tomlkit
from tomlkit.exceptions import ParseError


def metadata(text):
    try:
        return tomlkit.parse(text)["project"]
    except ParseError as error:
        return str(error)


def main():
    print(metadata('[project]\nname = "a"\n'))
    print(metadata("[project]\nname = " + "[" * 2000 + "]" * 2000 + "\n"))
