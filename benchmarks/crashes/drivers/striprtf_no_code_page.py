"""Document search: plain text of uploaded RTF files."""
from striprtf.striprtf import rtf_to_text


def plain(document):
    return rtf_to_text(document).strip()


def main():
    print(plain(r"{\rtf1\ansi\ansicpg1252 caf\'e9}"))
    print(plain(r"{\rtf1\ansi\deff0{\fonttbl{\f0 Arial;}}\f0 caf\'e9 ol\'e9}"))
