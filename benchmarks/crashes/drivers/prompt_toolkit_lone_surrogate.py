"""Shell: keeps what was typed."""
import os

from prompt_toolkit.history import FileHistory


class Shell:
    def __init__(self, path):
        self.history = FileHistory(path)

    def typed(self, raw):
        self.history.append_string(os.fsdecode(raw))
        return self.history.get_strings()


def main():
    shell = Shell("history.txt")
    print(shell.typed(b"ls caf\xc3\xa9"))
    print(len(shell.typed(b"ls caf\xe9")))
