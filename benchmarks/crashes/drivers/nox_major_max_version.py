"""Build page: lists the Pythons that a project is tested with."""
from nox.project import python_versions

PROJECT = {"name": "shop", "requires-python": ">=3.8", "classifiers": ["Programming Language :: Python :: 3.12"]}


def tested(project, newest):
    try:
        return python_versions({"project": project}, max_version=newest)
    except ValueError as error:
        return f"cannot tell: {error}"


def main():
    print(tested(PROJECT, None))
    print(tested(PROJECT, "3.12"))
    print(tested(PROJECT, "3"))
