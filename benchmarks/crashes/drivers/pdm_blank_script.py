"""Help: shows the scripts of a project."""
import os
from pathlib import Path

from pdm.core import main as pdm

PROJECT = """[project]
name = "shop"
version = "1.0"
requires-python = ">=3.8"

[tool.pdm.scripts]
"""


def scripts(folder, lines):
    Path(folder).mkdir()
    Path(folder, "pyproject.toml").write_text(PROJECT + lines)
    os.environ["PDM_CHECK_UPDATE"] = "0"
    try:
        pdm(["run", "-v", "--project", folder, "--list"])
    except SystemExit as error:
        return error.code
    return 0


def main():
    print(scripts("a", 'start = "flask run"\n'))
    print(scripts("b", 'start = "flask run"\nlater = ""\n'))
