"""What can be configured or typed is documented; a forgotten line fails here."""

import argparse
import dataclasses
import re
import tomllib
from pathlib import Path

import pytest

from triage.cli import parser
from triage.config import ClaudeConfig, Config, ForgeConfig, IngestConfig, NotifyConfig, PathMap, Price, RunConfig
from triage.domain.verdict import Verdict

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(
    "table", [Config, IngestConfig, RunConfig, ForgeConfig, ClaudeConfig, NotifyConfig, PathMap, Price]
)
def test_every_setting_is_documented(table: type) -> None:
    text = (DOCS / "configuration.md").read_text()
    tables = {"ingest", "run", "forge", "claude", "path_map", "keys", "prices", "views", "notify"}
    for field in dataclasses.fields(table):
        assert f"`{field.name}`" in text or (field.name in tables and re.search(rf"[\[.]{field.name}", text)), (
            field.name
        )


def test_every_command_is_documented() -> None:
    text = (DOCS / "commands.md").read_text()
    (commands,) = [action for action in parser()._actions if isinstance(action, argparse._SubParsersAction)]
    for name in commands.choices:
        assert re.search(rf"`triage {name}\b", text), name


def test_every_dependency_says_why_it_is_there() -> None:
    text = (DOCS / "dependencies.md").read_text()
    project = tomllib.loads((DOCS.parent / "pyproject.toml").read_text())["project"]
    for requirement in project["dependencies"]:
        name = re.split(r"[\[<>=;~ ]", requirement)[0]
        assert f"`{name}`" in text, name


@pytest.mark.parametrize("page", [DOCS.parent / "README.md", *sorted(DOCS.glob("*.md"))], ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_is_documented(verdict: Verdict) -> None:
    assert f"`{verdict}`" in (DOCS / "verdicts.md").read_text()
