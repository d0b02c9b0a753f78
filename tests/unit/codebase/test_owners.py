"""CODEOWNERS by GitHub's rules (docs.github.com, "About code owners")."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.codebase.owners import owners_of, parse_owners

GITHUB_EXAMPLE = """\
# a comment
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/*  docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/ @octocat
/apps/github
/apps/github/tools @tools
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("main.py", ("@global-owner1", "@global-owner2")),
        ("a/b/c.js", ("@js-owner",)),
        ("x.go", ("docs@example.com",)),
        ("build/logs/a/b.py", ("@octocat",)),
        ("docs/getting-started.md", ("@doctocat",)),
        ("docs/build-app/trouble.md", ("@doctocat",)),
        ("scripts/x", ("@doctocat", "@octocat")),
        ("deeply/nested/logs/x.py", ("@octocat",)),
        ("apps/web/x.py", ("@octocat",)),
        ("apps/github", ()),
        ("apps/github/x.py", ()),
        ("apps/github/tools/x.py", ("@tools",)),
    ],
)
def test_the_last_rule_that_fits_decides(path: str, owners: tuple[str, ...]) -> None:
    assert owners_of(path, parse_owners(GITHUB_EXAMPLE)) == owners


@pytest.mark.parametrize(
    ("pattern", "fits", "not_fits"),
    [
        ("docs/*", ["docs/a.md"], ["docs/b/a.md", "x/docs/a.md"]),
        ("docs/**", ["docs/a.md", "docs/b/c/a.md"], ["x/docs/a.md"]),
        ("apps/", ["apps/x", "a/b/apps/x/y"], ["apps", "applications/x"]),
        ("/a.py", ["a.py"], ["b/a.py"]),
        ("a.py", ["a.py", "b/c/a.py", "a.py/x"], ["ba.py"]),
        ("src/**/test_*.py", ["src/test_a.py", "src/x/y/test_b.py"], ["test_a.py", "src/x/a.py"]),
        ("?.py", ["a.py", "x/b.py"], ["ab.py"]),
        ("my\\ docs/", ["my docs/a"], ["my/a"]),
        ("a+b(c).py", ["a+b(c).py"], ["aab(c).py"]),
    ],
)
def test_patterns(pattern: str, fits: list[str], not_fits: list[str]) -> None:
    rules = parse_owners(f"{pattern} @x")
    assert [owners_of(path, rules) for path in fits] == [("@x",)] * len(fits)
    assert [owners_of(path, rules) for path in not_fits] == [()] * len(not_fits)


def test_lines_that_github_skips() -> None:
    assert parse_owners("!secret.py @x\n[ab].py @x\n\\#x @x\n\n   # note\n") == ()


@given(st.text(max_size=200), st.text(max_size=60))
def test_any_file_can_be_read(text: str, path: str) -> None:
    owners_of(path, parse_owners(text))


def test_repeated_stars_stay_quick() -> None:
    assert owners_of("a/" * 300 + "b", parse_owners("**/" * 40 + "x*y*z*" * 10 + " @x")) == ()
