"""Translations: entries of a catalogue in order."""
import polib

HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'


def ordered(text):
    return [entry.msgid for entry in sorted(polib.pofile(HEAD + text))]


def main():
    print(ordered('msgid "b"\nmsgstr "x"\n\nmsgid "a"\nmsgstr "y"\n'))
    print(ordered('#: shop.py:3\nmsgid "b"\nmsgstr "x"\n\n#: shop.py\nmsgid "a"\nmsgstr "y"\n'))
    same = 'msgid "a"\nmsgid_plural "as"\nmsgstr[0] "x"\nmsgstr[1] "y"\n'
    print(ordered(same + '\nmsgctxt "k"\nmsgid "a"\nmsgstr "z"\n'))
