"""The sample's files at each commit of its history."""

import ast
import tomllib

import pytest

from triage.demo.history import COMMITS, FIXES, STAGING
from triage.demo.render import TemplateError, render, render_tree, template_files

FIRST, LAST = COMMITS[0].key, COMMITS[-1].key


def test_lines_appear_with_their_commit() -> None:
    source = "a\n#@ from orders\nb\n#@ else\nc\n#@ end\nd\n"
    assert render(source, FIRST) == "a\nc\nd\n"
    assert render(source, LAST) == "a\nb\nd\n"


def test_blocks_nest() -> None:
    source = "#@ from orders\na\n#@ until pages\nb\n#@ end\n#@ end\n"
    assert render(source, "orders") == "a\nb\n"
    assert render(source, "pages") == "a\n"
    assert render(source, FIRST).strip() == ""


def test_a_fix_shows_where_it_is_in() -> None:
    name = next(iter(FIXES))
    source = f"#@ on {name}\nmended\n#@ else\nbroken\n#@ end\n"
    assert render(source, LAST) == "broken\n"
    assert render(source, LAST, (name,)) == "mended\n"


@pytest.mark.parametrize("source", ["#@ from nowhere\n#@ end\n", "#@ end\n", "#@ from orders\n", "#@ unless x\n"])
def test_marks_that_do_not_fit_are_named(source: str) -> None:
    with pytest.raises(TemplateError, match=r"here\.py"):
        render(source, FIRST, path="here.py")


def test_every_mark_in_the_template_is_used_up_and_every_version_parses() -> None:
    files = template_files()
    for commit in COMMITS:
        for path, text in render_tree(commit.key, files=files).items():
            assert "#@" not in text, (commit.key, path)
            if path.endswith(".py"):
                ast.parse(text, path)
            elif path.endswith(".toml"):
                tomllib.loads(text)


def test_every_commit_changes_something() -> None:
    files = template_files()
    trees = [render_tree(commit.key, files=files) for commit in COMMITS]
    for before, after, commit in zip(trees[:-1], trees[1:], COMMITS[1:], strict=True):
        assert before != after, commit.key


def test_commits_follow_each_other_in_time() -> None:
    times = [commit.timestamp for commit in (*COMMITS, *FIXES.values(), STAGING)]
    assert times == sorted(times)
    assert len({commit.author for commit in COMMITS}) >= 3
