"""Review bot: finds unused code."""
from vulture import Vulture


def unused(sources):
    finder = Vulture(verbose=False)
    for name, text in sorted(sources.items()):
        finder.scan(text, filename=name)
    return [(item.name, item.typ) for item in finder.get_unused_code()]


def main():
    print(unused({"a.py": "import os\n\n\ndef f():\n    pass\n"}))
    print(unused({"a.py": "import os\n", "b.py": "@(lambda f: f)\ndef g():\n    return 1\n\n\ng()\n"}))
