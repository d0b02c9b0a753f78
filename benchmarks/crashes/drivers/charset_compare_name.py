"""Import: is the guessed encoding the one that the sender declared?"""

from charset_normalizer import from_bytes


def agrees(payload, declared):
    match = from_bytes(payload).best()
    return match is not None and match == declared


def main():
    body = "Une élève a été reçue à Besançon, déjà hélas".encode("utf-8")
    print(agrees(body, "utf_8"))
    print(agrees(body, "utf8-bom"))
