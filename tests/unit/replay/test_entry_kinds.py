"""A new kind of entry: one file, one registration; the example of docs/entries.md is the one that is tried."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from triage.domain.incoming import Kind
from triage.drafting.replay import entries
from triage.drafting.replay.stack.scene import Scene
from triage.errors import TriageError
from triage.sources import parse_event

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "entries.md"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of installed packages, with one that registers the example."""
    info = tmp_path / "bus_triage-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: bus-triage\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[triage.entries]\nbus = bus_triage_entry\n")
    found = re.search(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert found is not None
    (tmp_path / "bus_triage_entry.py").write_text(found[1])
    monkeypatch.syspath_prepend(str(tmp_path))
    entries.registered.cache_clear()
    yield tmp_path
    entries.registered.cache_clear()
    sys.modules.pop("bus_triage_entry", None)


def scene(root: Path) -> Scene:
    event = parse_event(b'{"event_id": "a", "exception": {"values": [{"type": "ValueError", "value": "x"}]}}', Kind.SDK)
    return Scene(event, (), ("bus",), root, (".",))


def test_a_package_brings_its_own_kind(package: Path) -> None:
    assert [kind.__name__ for kind in entries.registered()] == ["bus_triage_entry"]  # type: ignore[attr-defined]
    assert entries.all_sites(scene(package)) == []


def test_a_kind_without_sites_is_named(package: Path) -> None:
    (package / "bus_triage_entry.py").write_text("value = 1\n")
    with pytest.raises(TriageError, match="bus has no sites"):
        entries.registered()


def test_a_kind_that_does_not_import_is_named(package: Path) -> None:
    (package / "bus_triage_entry.py").write_text("import there_is_no_such_module\n")
    with pytest.raises(TriageError, match="bus cannot be loaded"):
        entries.registered()


def test_every_module_of_the_folder_is_a_kind() -> None:
    folder = Path(entries.__file__).parent
    assert {path.stem for path in folder.glob("*.py")} == {"__init__", *entries.KINDS}


def test_every_kind_of_ours_is_in_the_document() -> None:
    text = DOCUMENT.read_text()
    for name in entries.KINDS:
        assert f"`entries/{name}.py`" in text, name
