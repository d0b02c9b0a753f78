"""Mirror: counts the files of a Mercurial changeset."""
import io

from unidiff import PatchSet


class Changeset:
    def __init__(self, name, diff):
        self.name = name
        self.diff = diff

    def files(self):
        patch = PatchSet(io.StringIO(self.diff))
        return [(file.path, file.is_binary_file) for file in patch]


def main():
    text = "diff -r 12 x.txt\n--- a/x.txt\n+++ b/x.txt\n@@ -1,1 +1,1 @@\n-a\n+b\n"
    print(Changeset("one", text).files())
    print(Changeset("two", text + "diff -r 12 logo.png\nBinary file logo.png has changed\n").files())
