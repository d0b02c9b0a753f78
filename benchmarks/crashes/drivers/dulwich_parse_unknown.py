"""Mirror: resolves names that users ask for."""
import tempfile

from dulwich import porcelain
from dulwich.objectspec import parse_object


def resolve(repo, name):
    try:
        return parse_object(repo, name.encode()).id
    except KeyError:
        return None


def main():
    with tempfile.TemporaryDirectory() as work:
        repo = porcelain.init(work)
        porcelain.commit(repo, message=b"one", author=b"a <a@example.org>", committer=b"a <a@example.org>")
        print(resolve(repo, "HEAD"))
        print(resolve(repo, "no-such-branch"))
