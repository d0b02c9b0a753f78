"""Remote URLs in all the shapes that `git remote -v` shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.forge.compare import compare_url
from triage.forge.remote import parse_remote_url


@pytest.mark.parametrize(
    ("url", "host", "path", "web"),
    [
        ("https://github.com/acme/shop.git", "github.com", "acme/shop", "https://github.com/acme/shop"),
        ("https://github.com/acme/shop", "github.com", "acme/shop", "https://github.com/acme/shop"),
        ("https://github.com/acme/shop/", "github.com", "acme/shop", "https://github.com/acme/shop"),
        ("https://bob:tok@GitHub.com:443/acme/shop.git", "github.com", "acme/shop", "https://github.com/acme/shop"),
        ("git@github.com:acme/shop.git", "github.com", "acme/shop", "https://github.com/acme/shop"),
        ("github.com:acme/shop", "github.com", "acme/shop", "https://github.com/acme/shop"),
        ("ssh://git@github.com/acme/shop.git", "github.com", "acme/shop", "https://github.com/acme/shop"),
        ("ssh://git@ssh.github.com:443/acme/shop.git", "ssh.github.com", "acme/shop", "https://ssh.github.com/acme/shop"),
        ("git+ssh://git@h.example/a/b.git", "h.example", "a/b", "https://h.example/a/b"),
        ("git://h.example/a/b.git", "h.example", "a/b", "https://h.example/a/b"),
        ("https://gitlab.com/group/sub/shop.git", "gitlab.com", "group/sub/shop", "https://gitlab.com/group/sub/shop"),
        ("http://127.0.0.1:8123/acme/shop.git", "127.0.0.1", "acme/shop", "http://127.0.0.1:8123/acme/shop"),
        ("ssh://git@[::1]:2222/a/b.git", "::1", "a/b", "https://[::1]/a/b"),
        ("git@[::1]:a/b.git", "::1", "a/b", "https://[::1]/a/b"),
        ("https://dev.azure.com/org/my%20project/_git/x", "dev.azure.com", "org/my project/_git/x",
         "https://dev.azure.com/org/my%20project/_git/x"),
    ],
)  # fmt: skip
def test_remotes_with_a_host(url: str, host: str, path: str, web: str) -> None:
    parsed = parse_remote_url(url)
    assert (parsed.host, parsed.path, parsed.web) == (host, path, web)
    assert parsed.owner == path.rpartition("/")[0]


@pytest.mark.parametrize(
    "url", ["/srv/git/shop.git", "../shop.git", "file:///srv/git/shop.git", "C:\\git\\shop", "c:/x/y", ""]
)
def test_local_remotes_have_no_page(url: str) -> None:
    parsed = parse_remote_url(url)
    assert parsed.scheme == "file"
    assert parsed.web is None
    assert compare_url(parsed, "triage/t-1-x", "main") is None


def test_a_password_in_the_address_is_never_shown() -> None:
    assert parse_remote_url("https://bob:s3cret@h.example/a/b").shown == "https://h.example/a/b"


@given(st.text(max_size=80))
def test_no_text_breaks_the_parser(url: str) -> None:
    parsed = parse_remote_url(url)
    compare_url(parsed, "triage/t-1-x", "main")


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("git@gitlab.com:acme/shop.git",
         "https://gitlab.com/acme/shop/-/merge_requests/new?merge_request%5Bsource_branch%5D=triage%2Ft-1-x"
         "&merge_request%5Btarget_branch%5D=main"),
        ("git@bitbucket.org:acme/shop.git", "https://bitbucket.org/acme/shop/pull-requests/new?source=triage%2Ft-1-x&dest=main"),
        ("https://codeberg.org/acme/shop", "https://codeberg.org/acme/shop/compare/main...triage/t-1-x"),
        ("https://gitea.corp.example/acme/shop", "https://gitea.corp.example/acme/shop/compare/main...triage/t-1-x"),
        ("https://git.corp.example/acme/shop", None),
    ],
)  # fmt: skip
def test_compare_links(url: str, link: str | None) -> None:
    assert compare_url(parse_remote_url(url), "triage/t-1-x", "main") == link
