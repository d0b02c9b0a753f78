"""Review bot: what a patch touches."""
from unidiff import PatchSet, UnidiffParseError


def touched(patch):
    try:
        found = PatchSet(patch)
    except UnidiffParseError as problem:
        return "broken patch: %s" % problem
    return {file.path: (file.added, file.removed) for file in found}


GOOD = """--- a/x.py
+++ b/x.py
@@ -1,1 +1,1 @@
-old
+new
"""


def main():
    print(touched(GOOD))
    print(touched("\n".join(GOOD.splitlines()[1:])))
