"""Console: builds the text of an alert."""
from cmd2 import ansi


class Console:
    def __init__(self, prompt):
        self.prompt = prompt

    def alert(self, text, columns=80):
        return ansi.async_alert_str(terminal_columns=columns, prompt=self.prompt, line="", cursor_offset=0, alert_msg=text)


def main():
    print(repr(Console("> ").alert("disk full")))
    print(repr(Console("").alert("disk full")))
