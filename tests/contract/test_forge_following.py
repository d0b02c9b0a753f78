"""What became of a pull request: checks, reviews, merge and release, over real git and HTTP."""

from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from tests.contract.forge_story import BRANCH, TOKEN, Checkout, git
from triage.demo.forge_server import Fault
from triage.domain.following import Check, CheckState, Review
from triage.errors import Refused
from triage.forge.released import released_in


class Colleagues:
    """CI, reviewers and whoever merges: they speak to the forge's own interface."""

    def __init__(self, checkout: Checkout) -> None:
        self.checkout = checkout

    def send(self, path: str, body: Mapping[str, object], method: str = "POST") -> httpx.Response:
        url = f"{self.checkout.forge.api}/repos/acme/shop/{path}"
        headers = {"Authorization": f"Bearer {TOKEN}", "User-Agent": "ci"}
        return httpx.request(method, url, json=body, headers=headers)

    def run(self, sha: str, name: str, status: str = "completed", conclusion: str | None = "success") -> None:
        body = {"head_sha": sha, "name": name, "status": status, "conclusion": conclusion}
        assert self.send("check-runs", body).status_code == 201

    def status(self, sha: str, context: str, state: str) -> None:
        assert self.send(f"statuses/{sha}", {"state": state, "context": context}).status_code == 201

    def review(self, who: str, event: str) -> None:
        self.checkout.forge.interface.reviewer = who
        assert self.send("pulls/1/reviews", {"event": event, "body": "seen"}).status_code == 200

    def merge(self, method: str = "merge") -> httpx.Response:
        return self.send("pulls/1/merge", {"merge_method": method}, "PUT")


@pytest.fixture
def colleagues(checkout: Checkout) -> Colleagues:
    return Colleagues(checkout)


async def test_checks_and_statuses_are_read_together(checkout: Checkout, colleagues: Colleagues) -> None:
    pushed = await checkout.push()
    hub = await checkout.github()
    pull = await hub.create_pull(BRANCH, "main", "t", "b")
    assert pull.head == pushed.commit
    assert await hub.checks(pull.head) == ()
    colleagues.run(pull.head, "tests", "in_progress", None)
    colleagues.run(pull.head, "lint", conclusion="failure")
    colleagues.run(pull.head, "docs", conclusion="skipped")
    colleagues.status(pull.head, "ci/build", "pending")
    assert await hub.checks(pull.head) == (
        Check("tests", CheckState.RUNNING, f"{checkout.forge.url}/acme/shop/runs/{_number(pull.head + 'tests')}"),
        Check("lint", CheckState.FAILED, f"{checkout.forge.url}/acme/shop/runs/{_number(pull.head + 'lint')}"),
        Check("docs", CheckState.SKIPPED, f"{checkout.forge.url}/acme/shop/runs/{_number(pull.head + 'docs')}"),
        Check("ci/build", CheckState.RUNNING),
    )
    colleagues.run(pull.head, "tests")
    colleagues.status(pull.head, "ci/build", "error")
    states = {check.name: check.state for check in await hub.checks(pull.head)}
    assert states["tests"] is CheckState.PASSED
    assert states["ci/build"] is CheckState.FAILED


async def test_each_reviewers_last_word_counts(checkout: Checkout, colleagues: Colleagues) -> None:
    await checkout.push()
    hub = await checkout.github()
    await hub.create_pull(BRANCH, "main", "t", "b")
    assert await hub.reviews(1) == ()
    colleagues.review("ana", "REQUEST_CHANGES")
    colleagues.review("bo", "COMMENT")
    colleagues.review("ana", "APPROVE")
    colleagues.review("ana", "COMMENT")
    assert await hub.reviews(1) == (Review("ana", "approved"), Review("bo", "commented"))


async def test_a_token_without_the_right_says_so(checkout: Checkout) -> None:
    pushed = await checkout.push()
    hub = await checkout.github()
    answer = {"message": "Resource not accessible by personal access token"}
    headers = {"X-Accepted-GitHub-Permissions": "checks=read"}
    checkout.forge.faults.append(Fault(403, answer, headers, path="check-runs"))
    with pytest.raises(Refused, match="may not do this") as caught:
        await hub.checks(pushed.commit)
    assert caught.value.hint == "the token needs: checks=read"


@pytest.mark.parametrize("method", ["merge", "squash"])
async def test_the_first_tag_that_holds_the_merge(
    checkout: Checkout, colleagues: Colleagues, tmp_path: Path, method: str
) -> None:
    checkout.git("tag", "v1.0.0")
    checkout.git("push", "-q", "origin", "v1.0.0")
    await checkout.push()
    hub = await checkout.github()
    await hub.create_pull(BRANCH, "main", "t", "b")
    refused = colleagues.merge(method)
    assert (refused.status_code, refused.json()["message"]) == (405, "Pull Request is still a draft")
    checkout.forge.interface.ready(1, "acme", "shop")
    assert colleagues.merge(method).json()["merged"] is True
    pull = await hub.pull(1)
    assert (pull.state, pull.base) == ("merged", "main")
    assert pull.merged_at is not None
    assert pull.merge_commit is not None
    before = checkout.git("for-each-ref")
    assert await released_in(checkout.path, "origin", pull.merge_commit, pull.base) is None
    colleague = checkout.colleague(tmp_path / "colleague")
    for version in ("v1.1.0", "v1.2.0"):
        git(colleague, "commit", "-q", "--allow-empty", "-m", version)
        git(colleague, "tag", "-a", "-m", version, version)
    git(colleague, "push", "-q", "origin", "main", "v1.2.0", "v1.1.0")
    assert await released_in(checkout.path, "origin", pull.merge_commit, pull.base) == "v1.1.0"
    assert checkout.git("for-each-ref") == before


def _number(text: str) -> int:
    from triage.demo.forge_checks import _number as number

    return number(text)
