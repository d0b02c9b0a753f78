"""A pull request from its first check to the release, followed with `triage follow`."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.e2e.cli_ground import SOURCE, Said, crash, environment, git, make_repo, saved, triage
from triage.demo.forge_server import Fault, ForgeServer

FIXED = SOURCE.replace("rate = 100 / discount", "rate = 100 / discount if discount else 0")


@dataclass(frozen=True)
class Shop:
    """A checkout whose one crash has a pull request on a forge."""

    repo: Path
    forge: ForgeServer

    def triage(self, *words: object) -> Said:
        return triage(*words, "--repo", self.repo, env=environment(GH_TOKEN="tok"))

    def colleague(self, method: str, path: str, **body: object) -> None:
        url = f"{self.forge.api}/repos/acme/shop/{path}"
        headers = {"Authorization": "Bearer tok", "User-Agent": "ci"}
        httpx.request(method, url, json=body, headers=headers).raise_for_status()

    def check(self, name: str, conclusion: str) -> None:
        body = {"head_sha": self.head, "name": name, "status": "completed", "conclusion": conclusion}
        self.colleague("POST", "check-runs", **body)

    @property
    def head(self) -> str:
        ref = next(line for line in git(self.repo, "ls-remote", "origin").splitlines() if "/triage/" in line)
        return ref.partition("\t")[0]

    def fix_and_merge(self) -> None:
        """The fix goes to main; the tests are green; somebody merges."""
        (self.repo / "shop/price.py").write_text(FIXED)
        git(self.repo, "commit", "-qam", "No discount")
        git(self.repo, "push", "-q", "origin", "main")
        self.check("tests", "success")
        self.forge.interface.ready(1, "acme", "shop")
        self.colleague("PUT", "pulls/1/merge", merge_method="squash")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    repo = make_repo(tmp_path / "repo")
    with ForgeServer(tmp_path / "forge", "tok") as forge:
        forge.create_repo("acme", "shop")
        for name, value in {"user.name": "Ada", "user.email": "a@x.io", **forge.credential_settings()}.items():
            git(repo, "config", name, value)
        git(repo, "remote", "add", "origin", forge.clone_url("acme", "shop"))
        git(repo, "push", "-q", "origin", "main")
        (repo / "triage.toml").write_text(f'[forge]\nkind = "github"\napi = {json.dumps(forge.api)}\n')
        made = Shop(repo, forge)
        made.triage("import", saved(tmp_path, crash()))
        assert made.triage("draft", "1", "--python", sys.executable).code == 0
        assert made.triage("publish", "1", "--pr").code == 0
        yield made


def test_the_issue_follows_its_pull_request(shop: Shop) -> None:
    git(shop.repo, "tag", "v1.4.2")
    git(shop.repo, "push", "-q", "origin", "v1.4.2")
    assert "draft, no checks yet" in shop.triage("follow").out
    shop.check("lint", "failure")
    shop.colleague("POST", "pulls/1/reviews", event="APPROVE", body="good")
    said = shop.triage("follow", "T-1").out
    assert "0 of 1 checks passed, failed: lint, approved by ana" in said
    assert "PR #1: check lint failed\n" in said
    again = shop.triage("follow").out
    assert "failed: lint" in again
    assert "PR #1: check lint failed\n" not in again, "news is told once"
    shop.check("lint", "success")
    shop.fix_and_merge()
    said = shop.triage("follow").out
    assert "not in a release yet" in said
    assert "not seen again" in said
    assert shop.triage("ls", "is:unresolved", "--json").json, "production still runs the bug"
    git(shop.repo, "fetch", "-q", "origin")
    git(shop.repo, "tag", "v1.4.3", "origin/main")
    git(shop.repo, "push", "-q", "origin", "v1.4.3")
    said = shop.triage("follow")
    assert "released in v1.4.3" in said.out
    assert "T-1 resolved in v1.4.3" in said.out
    assert "T-1" in shop.triage("ls", "is:resolved").out
    assert shop.triage("follow").err.count("no pull request to follow") == 1
    assert shop.triage("undo").code == 0
    assert "T-1" in shop.triage("ls", "is:unresolved").out


def test_without_tags_a_merge_is_the_release(shop: Shop) -> None:
    shop.fix_and_merge()
    assert "T-1 resolved\n" in shop.triage("follow").out


def test_a_merge_that_proves_no_fix_resolves_nothing(shop: Shop) -> None:
    shop.forge.interface.ready(1, "acme", "shop")
    shop.colleague("PUT", "pulls/1/merge")
    said = shop.triage("follow").out
    assert "merged" in said
    assert "resolved" not in said


def test_a_forge_that_does_not_answer_costs_nothing(shop: Shop) -> None:
    assert shop.triage("follow", "--json").json[0]["publication"]["following"]["state"] == "open"
    shop.forge.faults.append(Fault(500, path="/pulls", times=20))
    refused = shop.triage("follow")
    assert refused.code == 1
    assert "press again in a minute" in refused.last
    assert triage("follow", "--repo", shop.repo, env=environment(GH_TOKEN="", PATH="/usr/bin:/bin")).code == 1
