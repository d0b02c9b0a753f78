"""A test bears the names that the repo's own pytest settings collect."""

from pathlib import Path

from triage.drafting.replay.written.style import read_style


def test_usual_names_without_settings(tmp_path: Path) -> None:
    style = read_style(tmp_path, None)
    assert (style.function_prefix, style.class_prefix, style.file_pattern) == ("test", "Test", "")


def test_a_specification_style_is_followed(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.pytest.ini_options]\npython_functions = ["it_", "its_"]\npython_classes = ["Describe"]\n'
        'python_files = ["*_spec.py"]\n'
    )
    style = read_style(tmp_path, None)
    assert (style.function_prefix, style.class_prefix, style.file_pattern) == ("it", "Describe", "*_spec.py")


def test_settings_that_take_the_usual_names_change_nothing(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\npython_functions = it_* test_*\npython_classes = Test Describe\npython_files = test*.py tests.py\n"
    )
    style = read_style(tmp_path, None)
    assert (style.function_prefix, style.class_prefix, style.file_pattern) == ("test", "Test", "")
