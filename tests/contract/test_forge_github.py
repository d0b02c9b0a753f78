"""Pull requests over GitHub's interface, against a stateful forge with real branches."""

import asyncio
import time
from pathlib import Path

import pytest

from tests.contract.forge_story import BRANCH, TEST, TOKEN, Checkout, git, page
from triage.config import ForgeConfig
from triage.demo.forge_server import Fault, ForgeServer
from triage.errors import NotFound, Refused, TriageError, Unavailable, UsageError
from triage.forge import github
from triage.forge.branch import delete_branch
from triage.forge.detect import NoForge, detect
from triage.forge.github import GitHub
from triage.forge.tokens import find_token


async def test_open_find_update_close(checkout: Checkout) -> None:
    pushed = await checkout.push()
    hub = await checkout.github()
    assert await hub.find_pull(BRANCH) is None
    made = await hub.create_pull(BRANCH, "main", "Regression test", "## Body")
    assert (made.number, made.state, made.draft) == (1, "open", True)
    assert made.url == f"{checkout.forge.url}/acme/shop/pull/1"
    assert await hub.create_pull(BRANCH, "main", "Another title", "") == made
    assert await hub.find_pull(BRANCH) == made
    assert (await hub.update_pull(1, "New title", "New body")).number == 1
    assert "New title" in page(made.url).text
    assert (await hub.close_pull(1)).state == "closed"
    assert (await hub.close_pull(1)).state == "closed"
    assert await hub.find_pull(BRANCH) is None
    assert await delete_branch(checkout.path, "origin", BRANCH, pushed.commit)
    assert await hub.default_branch() == "main"


async def test_every_call_carries_what_github_asks_for(checkout: Checkout) -> None:
    await checkout.push()
    await (await checkout.github()).create_pull(BRANCH, "main", "t", "b")
    for call in checkout.forge.seen:
        assert call.headers["accept"] == "application/vnd.github+json"
        assert call.headers["x-github-api-version"] == github.API_VERSION
        assert call.headers["user-agent"] == "triage"
    listed, created = checkout.forge.seen
    assert "head=acme%3Atriage" in listed.query
    assert created.body == {
        "head": BRANCH, "base": "main", "title": "t", "body": "b", "draft": True, "maintainer_can_modify": True,
    }  # fmt: skip


async def test_a_deleted_branch_closes_and_a_merged_one_shows(checkout: Checkout) -> None:
    pushed = await checkout.push()
    hub = await checkout.github()
    await hub.create_pull(BRANCH, "main", "t", "b")
    git(checkout.bare, "update-ref", "refs/heads/main", pushed.commit)
    assert (await hub.pull(1)).state == "merged"
    assert (await hub.close_pull(1)).state == "merged"


async def test_where_drafts_are_not_offered_it_opens_an_ordinary_one_and_says_so(checkout: Checkout) -> None:
    checkout.forge.interface.drafts = False
    await checkout.push()
    made = await (await checkout.github()).create_pull(BRANCH, "main", "t", "b")
    assert not made.draft
    assert "no draft" in made.note


async def test_a_lost_answer_does_not_open_a_second_request(checkout: Checkout) -> None:
    await checkout.push()
    checkout.forge.faults.append(Fault(502, {"message": "Server Error"}, method="POST", after=True))
    made = await (await checkout.github()).create_pull(BRANCH, "main", "t", "b")
    assert made.number == 1
    assert [call.method for call in checkout.forge.seen] == ["GET", "POST", "GET"]


async def test_a_race_for_the_same_branch_ends_with_one_request(checkout: Checkout) -> None:
    await checkout.push()
    hub = await checkout.github()
    one, two = await asyncio.gather(
        hub.create_pull(BRANCH, "main", "t", "b"), hub.create_pull(BRANCH, "main", "t", "b")
    )
    assert one == two


async def test_reading_is_tried_again_and_creating_is_not(checkout: Checkout) -> None:
    await checkout.push()
    hub = await checkout.github()
    checkout.forge.faults.append(Fault(503, {"message": "Unavailable"}, method="GET", times=2))
    assert await hub.find_pull(BRANCH) is None
    checkout.forge.faults.append(Fault(503, {"message": "Unavailable"}, method="POST", times=9))
    with pytest.raises(Unavailable, match="problem of its own"):
        await hub.create_pull(BRANCH, "main", "t", "b")
    assert sum(call.method == "POST" for call in checkout.forge.seen) == 1


async def test_a_token_that_is_wrong_missing_or_too_weak(checkout: Checkout) -> None:
    await checkout.push()
    with pytest.raises(Unavailable, match="does not accept the token from GH_TOKEN") as caught:
        await (await checkout.github("tok_bad")).find_pull(BRANCH)
    assert "Bad credentials" in caught.value.detail
    checkout.forge.interface.read_only.add("tok_reader")
    with pytest.raises(Refused, match="may not do this") as refused:
        await (await checkout.github("tok_reader")).create_pull(BRANCH, "main", "t", "b")
    assert "pull_requests=write" in refused.value.hint
    without = await detect(checkout.path, "origin", ForgeConfig(kind="github"), {"PATH": "/nonexistent"})
    assert "set GH_TOKEN" in without.blocker
    assert (await checkout.github()).blocker == ""
    with pytest.raises(Unavailable, match="no token"):
        await without.find_pull(BRANCH) if isinstance(without, GitHub) else None


async def test_what_is_not_there_is_not_found(checkout: Checkout) -> None:
    hub = await checkout.github()
    with pytest.raises(NotFound):
        await hub.pull(99)
    with pytest.raises(Refused, match="head branch"):
        await hub.create_pull("triage/none", "main", "t", "b")
    await checkout.push()
    with pytest.raises(Refused, match="base branch"):
        await hub.create_pull(BRANCH, "nope", "t", "b")
    git(checkout.bare, "branch", "triage/same", "main")
    with pytest.raises(Refused, match="nothing to request"):
        await hub.create_pull("triage/same", "main", "t", "b")


@pytest.mark.parametrize(
    ("fault", "title", "hint"),
    [
        (Fault(403, {"message": "You have exceeded a secondary rate limit"}, {"retry-after": "3600"}, times=9),
         "limits how often", "press again after"),
        (Fault(429, {"message": "Too many"}, {"retry-after": "99"}, times=9), "limits how often", "press again after"),
        (Fault(403, {"message": "API rate limit exceeded"},
               {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(time.time()) + 900)}, times=9),
         "limits how often", "press again after"),
        (Fault(403, {"message": "Resource protected by organization SAML enforcement."},
               {"X-GitHub-SSO": "required; url=https://github.com/orgs/acme/sso?x=1"}, times=9),
         "may not do this", "https://github.com/orgs/acme/sso"),
        (Fault(301, {"message": "Moved Permanently"}, times=9), "has moved", "set-url"),
        (Fault(500, {"message": "boom"}, times=9), "problem of its own", "again"),
        (Fault(418, {}, times=9), "answered 418", "again"),
        (Fault(200, {"not": "a list"}, times=9), "not GitHub's interface", "forge.api"),
        (Fault(422, {"message": "Validation Failed", "errors": ["odd \x1b[31m"]}, times=9),
         "did not accept", "press P"),
    ],
)  # fmt: skip
async def test_refusals_are_one_clear_line(checkout: Checkout, fault: Fault, title: str, hint: str) -> None:
    checkout.forge.faults.append(fault)
    with pytest.raises(TriageError, match=title) as caught:
        await (await checkout.github()).find_pull(BRANCH)
    assert hint in caught.value.hint
    assert "\x1b" not in str(caught.value)


async def test_a_short_rate_limit_is_waited_for(checkout: Checkout) -> None:
    checkout.forge.faults.append(Fault(429, {"message": "Slow down"}, {"retry-after": "1"}))
    assert await (await checkout.github()).find_pull(BRANCH) is None
    assert len(checkout.forge.seen) == 2


async def test_silence_and_absence(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = await checkout.github()
    monkeypatch.setattr(github, "TIMEOUT", 0.2)
    checkout.forge.faults.append(Fault(0, delay=1.0, times=9))
    with pytest.raises(Unavailable, match="did not answer in time"):
        await hub.find_pull(BRANCH)
    checkout.forge.stop()
    with pytest.raises(Unavailable, match="cannot reach"):
        await hub.find_pull(BRANCH)


async def test_the_token_is_shown_nowhere(checkout: Checkout) -> None:
    hub = await checkout.github()
    assert TOKEN not in repr(hub)
    checkout.forge.faults.append(Fault(422, {"message": f"you sent {TOKEN}"}, times=9))
    with pytest.raises(TriageError) as caught:
        await hub.find_pull(BRANCH)
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    ("remote", "config", "api"),
    [
        ("git@github.com:acme/shop.git", ForgeConfig(), "https://api.github.com"),
        ("ssh://git@ssh.github.com:443/acme/shop.git", ForgeConfig(), "https://api.github.com"),
        ("https://github.corp.example/acme/shop", ForgeConfig(), "https://github.corp.example/api/v3"),
        ("https://git.corp.example:8443/acme/shop", ForgeConfig(kind="github"), "https://git.corp.example:8443/api/v3"),
        ("git@acme.ghe.com:acme/shop.git", ForgeConfig(), "https://api.acme.ghe.com"),
        ("https://x.example/a/b", ForgeConfig(api="https://api.x.example/v3/"), "https://api.x.example/v3"),
    ],
)  # fmt: skip
async def test_where_the_interface_is(checkout: Checkout, remote: str, config: ForgeConfig, api: str) -> None:
    checkout.git("remote", "set-url", "origin", remote)
    found = await detect(checkout.path, "origin", config, {"GH_TOKEN": "x"})
    assert isinstance(found, GitHub)
    assert found.api == api


@pytest.mark.parametrize(
    "remote", ["git@gitlab.com:acme/shop.git", "/srv/git/shop.git", "https://git.corp.example/acme/shop"]
)
async def test_an_unknown_forge_says_what_to_do(checkout: Checkout, remote: str) -> None:
    checkout.git("remote", "set-url", "origin", remote)
    found = await detect(checkout.path, "origin", ForgeConfig(), {"GH_TOKEN": "x"})
    assert isinstance(found, NoForge)
    assert "push the branch" in found.blocker
    with pytest.raises(Refused, match="opens no pull requests"):
        await found.create_pull("b", "main", "t", "b")


@pytest.mark.parametrize(
    ("remote", "api"),
    [
        ("git@github.com:acme/shop.git", "https://evil.example/api/v3"),
        ("git@github.com:acme/shop.git", "http://127.0.0.1:8080/api/v3"),
        ("https://git.corp.example/acme/shop", "http://git.corp.example/api/v3"),
    ],
)
async def test_a_checkout_cannot_send_the_token_elsewhere(checkout: Checkout, remote: str, api: str) -> None:
    checkout.git("remote", "set-url", "origin", remote)
    with pytest.raises(Refused, match=r"forge\.api"):
        await detect(checkout.path, "origin", ForgeConfig(api=api), {"GH_TOKEN": "x"})


async def test_a_configuration_that_cannot_be(checkout: Checkout) -> None:
    for config in (ForgeConfig(kind="githib"), ForgeConfig(api="ftp://x"), ForgeConfig(api="http://[")):
        with pytest.raises(UsageError):
            await detect(checkout.path, "origin", config, {})


def test_tokens_come_from_the_environment_then_from_gh(tmp_path: Path) -> None:
    gh = tmp_path / "gh"
    gh.write_text('#!/bin/sh\n[ "$*" = "auth token --hostname github.com" ] && echo gho_fromgh || exit 1\n')
    gh.chmod(0o755)
    path = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    found = find_token("github.com", path)
    assert found is not None
    assert (found.value, found.source) == ("gho_fromgh", "gh auth token")
    assert find_token("other.example", path) is None
    both = find_token("github.com", {**path, "GH_TOKEN": "one", "GITHUB_TOKEN": "two"})
    assert both is not None
    assert both.value == "one"
    assert find_token("github.com", {"GH_TOKEN": " ", "GITHUB_TOKEN": "a\nb"}) is None
    enterprise = find_token("git.corp.example", {"GH_TOKEN": "one", "GH_ENTERPRISE_TOKEN": "ent"})
    assert enterprise is not None
    assert enterprise.source == "GH_ENTERPRISE_TOKEN"


async def test_the_page_shows_a_hostile_request_as_text(checkout: Checkout) -> None:
    await checkout.push(text=TEST + "# <script>alert(1)</script>\n")
    hub = await checkout.github()
    evil = "<img src=x onerror=alert(1)> [x](javascript:alert(1)) ![y](http://evil.example/)"
    made = await hub.create_pull(BRANCH, "main", evil, evil)
    answer = page(made.url)
    assert "<script" not in answer.text
    assert "<img" not in answer.text
    assert 'href="javascript' not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "&lt;script&gt;" in answer.text  # the diff shows it
    assert page(f"{checkout.forge.url}/acme/shop").status_code == 200
    assert page(f"{checkout.forge.url}/acme/none").status_code == 404
    assert page(checkout.forge.url, headers={"host": "evil.example"}).status_code == 400


async def test_requests_outlive_the_server(checkout: Checkout, tmp_path: Path) -> None:
    await checkout.push()
    await (await checkout.github()).create_pull(BRANCH, "main", "kept", "b")
    checkout.forge.stop()
    with ForgeServer(tmp_path / "forge", TOKEN) as again:
        assert "kept" in page(f"{again.url}/acme/shop/pull/1").text
