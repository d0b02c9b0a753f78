"""Django for a library that has no settings of its own: the least that Django runs with."""

import ast
import json
from pathlib import Path
from typing import Any

from triage.domain.incoming import Kind as Wire
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.drafting.replay.world import django_world
from triage.sources import parse_event

CHECKS = "from django.core.validators import validate_slug\n\ndef check(text):\n    validate_slug(text)\n"


class Target:
    """An interpreter with Django."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, Any]:
        return {"names": ["django"]} if op == "tops" else {}


def prepared(root: Path, text: str) -> Builder:
    (root / "checks.py").write_text(text)
    source = SourceFile("checks.py", dict(enumerate(text.split("\n"), 1)), True)
    frame = StackFrame(0, Kind.REPO, "check", source.path, 4, source, view_of(source, 4, ""), {}, "checks", "check")
    raw = {"event_id": "a", "exception": {"values": [{"type": "TypeError", "value": "x"}]}}
    scene = Scene(parse_event(json.dumps(raw).encode(), Wire.SDK), (frame,), ("checks",), root, (".",))
    made = Builder(scene, Names(Target(), ("checks",), ()), Mined(root), Choices())
    django_world.prepare(made)
    return made


def test_settings_are_made_where_the_repo_has_none(tmp_path: Path) -> None:
    (tmp_path / "tox.ini").write_text("passenv = DJANGO_SETTINGS_MODULE,PYTHONPATH\n")
    lines = [ast.unparse(item) for item in prepared(tmp_path, CHECKS).setup]
    assert lines[0].startswith("if not settings.configured:\n    settings.configure(DATABASES=")
    assert lines[0].endswith("django.setup()")


def test_settings_that_can_be_imported_are_used(tmp_path: Path) -> None:
    (tmp_path / "tox.ini").write_text("setenv = DJANGO_SETTINGS_MODULE=site_settings\n")
    (tmp_path / "site_settings.py").touch()
    lines = [ast.unparse(item) for item in prepared(tmp_path, CHECKS).setup]
    assert "site_settings" in lines[0]


def test_code_without_django_is_left_alone(tmp_path: Path) -> None:
    assert not prepared(tmp_path, CHECKS.replace("django.core", "shop")).setup
