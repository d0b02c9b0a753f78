"""A pull request opened by one key, and what becomes of it as the screen shows it."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.tui.drafts import Shop, git
from tests.tui.stories import opened, screen_text, sees, until
from triage.config import ForgeConfig
from triage.demo.forge_server import Fault, ForgeServer
from triage.domain.verdict import Verdict
from triage.services.workspace import Workspace
from triage.tui.screens import publish

TOKEN = "tok_for_tests"


@pytest.fixture
def forge(tmp_path: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[ForgeServer]:
    """The shop's remote is a forge; what its owner would see is looked at without a pause."""
    monkeypatch.setenv("GH_TOKEN", TOKEN)
    monkeypatch.setattr(publish, "FIRST_LOOK", 0.05)
    monkeypatch.setattr("triage.services.follow.FIRST_PAUSE", 0.2)
    monkeypatch.setattr("triage.services.follow.LONGEST_PAUSE", 0.2)
    with ForgeServer(tmp_path / "forge", TOKEN) as server:
        server.create_repo("acme", "shop")
        for name, value in server.credential_settings().items():
            git(shop.repo, "config", name, value)
        git(shop.repo, "remote", "set-url", "origin", server.clone_url("acme", "shop"))
        git(shop.repo, "push", "-q", "origin", "main")
        forge = ForgeConfig(kind="github", api=server.api)
        shop.workspace = Workspace.open(dataclasses.replace(shop.workspace.config, forge=forge))
        yield server


def colleague(forge: ForgeServer, method: str, path: str, **body: object) -> None:
    url = f"{forge.api}/repos/acme/shop/{path}"
    headers = {"Authorization": f"Bearer {TOKEN}", "User-Agent": "ci"}
    httpx.request(method, url, json=body, headers=headers).raise_for_status()


async def test_checks_reviews_and_the_merge_come_by_themselves(shop: Shop, forge: ForgeServer) -> None:
    draft = shop.draft()
    shop.ran(draft)
    app = shop.app()
    async with opened(app) as pilot:
        await sees(pilot, "1 issue")
        app.push_screen(publish.PublishScreen(draft, pull_request=True))
        await sees(pilot, "sent: PR #1", "PR #1 now", "draft, no checks yet")
        head = git(shop.repo, "ls-remote", "origin", "refs/heads/triage/*").split()[0]
        url = "https://ci.example.org/[/red]\x1b[2J"
        colleague(forge, "POST", f"statuses/{head}", state="failure", context="li[b]nt\x1b]0;x\x07", target_url=url)
        colleague(forge, "POST", "pulls/1/reviews", event="REQUEST_CHANGES", body="why?")
        await sees(pilot, "0 of 1 checks passed", "ana requests changes", "PR #1: check li[b]nt")
        assert "\x1b" not in screen_text(app)
        forge.faults.append(Fault(500, method="GET", path="/pulls/1", times=4))
        await sees(pilot, "as it was: ", "ana requests changes")
        colleague(forge, "POST", f"statuses/{head}", state="success", context="li[b]nt\x1b]0;x\x07")
        colleague(forge, "POST", "pulls/1/reviews", event="APPROVE")
        await sees(pilot, "the check passed, approved by ana")
        forge.interface.ready(1, "acme", "shop")
        colleague(forge, "PUT", "pulls/1/merge")
        await sees(pilot, "merged on", "not in a release yet", "PR #1 merged as")
        await pilot.press("escape")
        await sees(pilot, "PR #1 merged")
        history = [item.what for item in shop.workspace.store.history(shop.issue)]
        assert "PR #1: check li[b]nt failed" in history


async def test_what_happened_while_the_app_was_closed_is_told_at_the_start(shop: Shop, forge: ForgeServer) -> None:
    draft = shop.draft()
    shop.ran(draft)
    shop.ran(draft, Verdict.PASSES, "after")
    async with opened(shop.app()) as pilot:
        pilot.app.push_screen(publish.PublishScreen(draft, pull_request=True))
        await sees(pilot, "sent: PR #1")
    forge.interface.ready(1, "acme", "shop")
    colleague(forge, "PUT", "pulls/1/merge")
    git(shop.repo, "fetch", "-q", "origin")
    git(shop.repo, "tag", "1.4.2", "origin/main")
    async with opened(shop.app()) as pilot:
        await sees(pilot, "PR #1 merged as")
        await until(pilot, lambda: shop.workspace.store.issue(shop.issue).status == "resolved", "resolved")
