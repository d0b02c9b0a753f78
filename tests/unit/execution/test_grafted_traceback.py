"""An error that the code raises with another's traceback is believed; one that the test puts together is not."""

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

import triage.inside

INSIDE = str(Path(triage.inside.__file__).parent)  # its modules name each other as in the target's interpreter

SOURCE = """import sys


class ConfigError(Exception):
    pass


def node(kind):
    return issubclass(kind, int)


def create(kind):
    try:
        return node(kind)
    except TypeError:
        raise ConfigError("no").with_traceback(sys.exc_info()[2])
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    (tmp_path / "grafted_config.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.syspath_prepend(INSIDE)
    monkeypatch.delitem(sys.modules, "grafted_config", raising=False)
    return importlib.import_module("grafted_config")


def believed(config: ModuleType, call: str) -> bool:
    """Whether the error of a call is seen leaving the deepest function that its traceback shows."""
    root = Path(str(config.__file__)).parent
    facts, watching = importlib.import_module("probe_facts"), importlib.import_module("probe_watch")
    wanted = [("grafted_config.py", "create"), ("grafted_config.py", "node")]
    watch = watching.FunctionWatch(wanted, [], facts.Sources(str(root), str(root / "test_it.py")))
    traced = sys.gettrace()
    watch.start()
    try:
        exec(call, {"config": config, "sys": sys})
    except Exception as error:
        deepest, line = facts.frames(error.__traceback__)[-1]
        assert deepest.f_code.co_name == "node"
        return bool(watch.left(error, deepest.f_code, line))
    finally:
        watch.stop()
        sys.settrace(traced)
    raise AssertionError("nothing was raised")


def test_raised_by_the_code_with_the_traceback_of_its_cause(config: ModuleType) -> None:
    assert believed(config, "config.create('x')")


def test_put_together_outside_of_it(config: ModuleType) -> None:
    forged = (
        "try:\n    config.node('x')\nexcept TypeError:\n"
        "    raise config.ConfigError('no').with_traceback(sys.exc_info()[2])"
    )
    assert not believed(config, forged)
