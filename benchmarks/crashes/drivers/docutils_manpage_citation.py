"""Docs build: manual pages from reStructuredText."""

from docutils.core import publish_string


def manual(text):
    page = publish_string(text, writer_name="manpage", settings_overrides={"report_level": 5})
    return page.decode("utf-8").count("\n")


def main():
    print(manual("Tool\n====\n\nSee [one]_.\n\n.. [one] A book.\n"))
    print(manual("Tool\n====\n\nSee [one]_.\n\n.. [one]\n"))
