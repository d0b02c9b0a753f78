"""`triage capture`: the hook into a service, once and again, and never over somebody's file."""

import json
from pathlib import Path

import pytest

from triage.cli import main
from triage.commands.capture import hook_source


def test_it_is_written_into_a_folder_and_says_the_two_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["capture", "--write", str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert said.out.strip() == str(tmp_path / "triage_capture.py")
    assert "import triage_capture\n" in said.err
    assert "triage_capture.install()\n" in said.err
    assert (tmp_path / "triage_capture.py").read_text(encoding="utf-8") == hook_source()


def test_another_name_and_new_folders_will_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "shop" / "capturing.py"
    assert main(["capture", "--write", str(place), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "file": str(place),
        "lines": ["import capturing", "capturing.install()"],
    }


def test_an_older_hook_is_replaced_and_another_file_is_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "triage_capture.py"
    place.write_text(hook_source() + "# older\n", encoding="utf-8")
    assert main(["capture", "--write", str(place)]) == 0
    assert place.read_text(encoding="utf-8") == hook_source()
    place.write_text("PRECIOUS = 1\n")
    assert main(["capture", "--write", str(place)]) == 1
    assert "--force" in capsys.readouterr().err
    assert place.read_text() == "PRECIOUS = 1\n"
    assert main(["capture", "--write", str(place), "--force"]) == 0


@pytest.mark.parametrize("name", ["hook.txt", "two words.py", "1st.py"])
def test_a_name_that_cannot_be_imported_is_refused(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["capture", "--write", str(tmp_path / name)]) == 1
    assert "cannot be imported" in capsys.readouterr().err


def test_without_a_place_it_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["capture"]) == 0
    assert capsys.readouterr().out == hook_source()
