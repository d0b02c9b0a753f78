"""Console: lists file names in columns."""
import cmd2


class Files(cmd2.Cmd):
    names = []

    def do_ls(self, _):
        self.columnize(self.names, display_width=30)


def main():
    app = Files(allow_cli_args=False)
    for names in (["a.txt", "b.txt"], ["a.txt", "x" * 60 + ".txt", "c.txt"]):
        app.names = names
        app.do_ls("")
