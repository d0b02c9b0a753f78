"""Status board: fits boxes into few lines."""
import io

from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel


class Board:
    def __init__(self, width):
        self.console = Console(file=io.StringIO(), width=width)

    def box(self, title, text, space, height):
        self.console.print(Panel(Padding(text, space), title=title, height=height))
        return self.console.file.getvalue()


def main():
    board = Board(20)
    print(len(board.box("mail", "up", (1, 2), 6)))
    print(len(board.box("web", "down", (3, 1), 3)))
