"""Release strings of every habit, and the commits they name."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.codebase.git import Git
from triage.codebase.releases import Tag, find_release, match_tag, previous_tag, tag_names, tags

Make = Callable[..., Any]


@pytest.mark.parametrize(
    ("release", "tag"),
    [
        ("1.4.2", "v1.4.2"),
        ("v1.4.2", "1.4.2"),
        ("shop@1.4.2", "v1.4.2"),
        ("shop@1.4.2", "shop-1.4.2"),
        ("shop@1.4.2", "shop/v1.4.2"),
        ("shop@1.4.2", "shop@1.4.2"),
        ("shop@1.4.2+abc123", "1.4.2"),
        ("1.4.2+build.5", "v1.4.2"),
        ("com.acme.shop@1.4.2", "shop-v1.4.2"),
        ("shop-1.4.2", "v1.4.2"),
        ("my-shop-1.4.2", "1.4.2"),
        ("release-2026.11.01", "2026.11.01"),
        ("1.4.2-rc.1", "v1.4.2rc1"),
        ("shop@1.4.2", "release/1.4.2"),
        ("Shop@1.4.2", "shop-1.4.2"),
    ],
)
def test_the_tag_of_a_release(release: str, tag: str) -> None:
    known = [Tag("v1.4.1", "1" * 40, 1), Tag("other-1.4.2", "3" * 40, 1), Tag(tag, "2" * 40, 2)]
    found = match_tag(release, known)
    assert found is not None
    assert found.name == tag


@pytest.mark.parametrize("release", ["1.4.20", "1.4", "4.2", "main", "", "shop@", "@", "production"])
def test_no_tag_is_better_than_a_near_one(release: str) -> None:
    assert match_tag(release, [Tag("v1.4.2", "1" * 40, 1), Tag("billing-1.4", "2" * 40, 1)]) is None


@pytest.mark.parametrize(
    ("tag", "before"),
    [
        ("v1.10.0", "v1.9.3"),
        ("v1.9.3", "v1.9.0"),
        ("v1.9.0", "v1.9.0rc1"),
        ("v1.9.0rc1", None),
        ("shop-2.0", "shop-1.0"),
    ],
)
def test_the_release_before(tag: str, before: str | None) -> None:
    names = ["v1.10.0", "v1.9.3", "v1.9.0", "v1.9.0rc1", "shop-1.0", "shop-2.0"]
    known = [Tag(name, str(index) * 40, 100 - index) for index, name in enumerate(names)]
    found = previous_tag(next(item for item in known if item.name == tag), known)
    assert (found.name if found else None) == before


async def test_tags_and_shas_of_a_real_repo(repo: Any, make_event: Make) -> None:
    first = repo.commit({"a.py": "1\n"})
    repo.git("tag", "v1.0.0")
    second = repo.commit({"a.py": "2\n"})
    repo.git("tag", "-a", "v1.1.0", "-m", "annotated")
    repo.git("tag", "tree-tag", "HEAD^{tree}")
    repo.commit({"a.py": "3\n"})
    git = Git(repo.path)
    known = await tags(git)
    assert {tag.name: tag.commit for tag in known} == {"v1.0.0": first, "v1.1.0": second}

    async def commit_of(release: str | None, **more: Any) -> str | None:
        found = await find_release(git, make_event(release=release, **more), known)
        return found.commit if found else None

    assert await commit_of("shop@1.1.0") == second
    assert await commit_of(first) == first
    assert await commit_of(first[:7]) == first
    assert await commit_of(f"shop@2.0.0+{first[:9]}") == first
    assert await commit_of(f"v1.1.0-3-g{first[:10]}") == first
    assert await commit_of(f"shop-{second}") == second
    assert await commit_of("main") is None
    assert await commit_of("HEAD") is None
    assert await commit_of("deadbeefdeadbeef") is None
    assert await commit_of("--help") is None
    assert await commit_of(None) is None
    assert await commit_of(None, tags={"git.commit.sha": second}) == second


@given(st.text(max_size=300))
def test_any_release_string_can_be_read(release: str) -> None:
    assert len(list(tag_names(release))) < 60
    match_tag(release, [Tag("v1", "1" * 40, 1)])


def test_a_long_hostile_release_is_read_at_once() -> None:
    assert match_tag("a" + "_a" * 120, []) is None
    assert match_tag("-" * 250 + "1", []) is None
