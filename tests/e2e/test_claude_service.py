"""Claude's loop as a user sees it: preview, send, run, verdict back, next try; over real parts."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.fake_anthropic import KEY, FakeAnthropic, Reply
from triage.config import ClaudeConfig, Config, Price
from triage.domain.draft import Strategy
from triage.domain.incoming import Kind
from triage.domain.verdict import Verdict
from triage.drafting import claude as drafting
from triage.services import claude
from triage.services.drafts import claude_unavailable
from triage.services.steps import Delta, Drafted
from triage.services.verify import verify
from triage.services.workspace import Workspace
from triage.sources import parse_event
from triage.sources.incoming import incoming

CODE = '''"""Prices."""

PRICES = {"A1": 3}


def price(sku):
    return PRICES[sku]


def total(skus):
    return sum(price(sku) for sku in skus)
'''
WRONG = 'from prices import total\n\n\ndef test_total():\n    assert total(["A1"]) == 3\n'
RIGHT = 'from prices import total\n\n\ndef test_total_of_an_unknown_sku_is_nothing():\n    assert total(["B2"]) == 0\n'


def frame(function: str, lineno: int, line: str, values: dict[str, str]) -> dict[str, object]:
    return {
        "filename": "prices.py",
        "abs_path": "/srv/app/prices.py",
        "function": function,
        "module": "prices",
        "lineno": lineno,
        "context_line": line,
        "vars": values,
        "in_app": True,
    }


EVENT = {
    "event_id": "a" * 32,
    "timestamp": "2026-11-21T10:00:00Z",
    "platform": "python",
    "exception": {
        "values": [
            {
                "type": "KeyError",
                "value": "'B2'",
                "stacktrace": {
                    "frames": [
                        frame(
                            "total",
                            11,
                            "    return sum(price(sku) for sku in skus)",
                            {"token": "'ghp_" + "a1B2" * 9 + "'"},
                        ),
                        frame("<genexpr>", 11, "    return sum(price(sku) for sku in skus)", {"sku": "'B2'"}),
                        frame("price", 7, "    return PRICES[sku]", {"sku": "'B2'"}),
                    ]
                },
            }
        ]
    },
}


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    repo = tmp_path / "repo"
    (repo / "tests").mkdir(parents=True)
    (repo / "prices.py").write_text(CODE)
    (repo / "CLAUDE.md").write_text("Tests are plain functions.\n")
    (repo / "tests" / "test_prices.py").write_text(WRONG)
    git = ["git", "-C", str(repo), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run([*git[:3], "init", "-q", "-b", "main"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "prices"], check=True)
    config = Config(
        repo=repo,
        store=f"sqlite:///{tmp_path / 'store.db'}",
        python=sys.executable,
        claude=ClaudeConfig(model="claude-sonnet-5-5", prices={"claude-sonnet-5-5": Price(3.0, 15.0)}),
    )
    made = Workspace.open(config)
    raw = json.dumps(EVENT).encode()
    made.store.add_events([incoming(parse_event(raw, Kind.SDK), raw, Kind.SDK)])
    yield made
    made.close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAnthropic]:
    with FakeAnthropic() as running:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", running.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        monkeypatch.setattr(drafting, "RETRIES", 0)
        yield running


def answer(source: str, name: str, path: str = "tests/test_prices_more.py") -> Reply:
    return Reply({"path": path, "test_name": name, "explanation": "because", "source": source})


async def drafted(workspace: Workspace) -> tuple[Drafted, str]:
    streamed = ""
    async for item in claude.draft_by_claude(workspace, 1):
        if isinstance(item, Delta):
            streamed += item.text
        if isinstance(item, Drafted):
            return item, streamed
    raise AssertionError("no result")


async def test_the_preview_is_what_is_sent_and_nothing_is_sent_for_it(
    workspace: Workspace, server: FakeAnthropic
) -> None:
    shown = await claude.preview_prompt(workspace, 1, "cover empty lists too")
    assert server.seen == []
    assert "PRICES[sku]" in shown.user
    assert "Tests are plain functions." in shown.user
    assert "cover empty lists too" in shown.user
    assert "ghp_" + "a1B2" * 9 not in shown.user
    assert shown.tokens
    assert shown.cost
    assert shown.cost > 0
    server.enqueue(answer(RIGHT, "test_total_of_an_unknown_sku_is_nothing"))
    async for _ in claude.draft_by_claude(workspace, 1, "cover empty lists too"):
        pass
    body = server.seen[0].body
    assert (body["system"], body["messages"][0]["content"]) == (shown.system, shown.user)


async def test_a_draft_that_does_not_reproduce_goes_back_with_its_verdict(
    workspace: Workspace, server: FakeAnthropic
) -> None:
    server.enqueue(answer(WRONG, "test_total"), answer(RIGHT, "test_total_of_an_unknown_sku_is_nothing"))
    result, streamed = await drafted(workspace)
    assert streamed == WRONG + RIGHT
    assert "PASSED" in server.seen[1].body["messages"][-1]["content"]
    assert result.evidence is not None
    assert result.evidence.before is not None
    assert result.evidence.before.verdict is Verdict.REPRODUCED
    drafts = workspace.store.drafts(1)
    assert [(draft.strategy, draft.source) for draft in drafts] == [(Strategy.CLAUDE, WRONG), (Strategy.CLAUDE, RIGHT)]
    assert drafts[1].parent == drafts[0].id


async def test_a_draft_that_would_do_harm_is_not_run(workspace: Workspace, server: FakeAnthropic) -> None:
    evil = 'import os\n\n\ndef test_x():\n    os.system("touch /tmp/pwned")\n    assert total([]) == 0\n'
    server.enqueue(*[answer(evil, "test_x")] * 3)
    result, _ = await drafted(workspace)
    assert result.draft is None
    assert workspace.store.drafts(1) == []
    assert "os.system" in server.seen[1].body["messages"][-1]["content"]


def test_without_a_key_it_says_so(workspace: Workspace) -> None:
    assert "ANTHROPIC_API_KEY" in (claude_unavailable(workspace) or "")


async def test_a_test_that_passes_without_the_fix_proves_nothing_on_it(workspace: Workspace) -> None:
    draft = workspace.store.add_draft(1, Strategy.HUMAN, "tests/test_more.py", WRONG, "test_total")
    async for _ in verify(workspace, draft.id, "main"):
        pass
    evidence = workspace.store.evidence(draft.id)
    assert evidence.before is not None
    assert evidence.after is not None
    assert (evidence.before.verdict, evidence.after.verdict) == (Verdict.PASSED, Verdict.GREEN_WITHOUT_FIX)
