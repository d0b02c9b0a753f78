"""Mail import: does the text fit the encoding that the header names?"""
from charset_normalizer import CharsetNormalizerMatches


def fits(data, declared):
    matches = CharsetNormalizerMatches.from_bytes(data)
    try:
        return matches[declared].encoding
    except KeyError:
        return None


def main():
    body = "Une élève a été reçue à Besançon, déjà hélas".encode("utf-8")
    print(fits(body, "utf_8"))
    print(fits(body, "x-unknown"))
