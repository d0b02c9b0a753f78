"""What text from outside may reach in a call that is run and written down."""

import pytest

from triage.drafting.replay.stack.safe import may_reach


@pytest.mark.parametrize(
    ("module", "chain"),
    [
        ("os", "system"),
        ("os", "remove"),
        ("subprocess", "run"),
        ("shutil", "rmtree"),
        ("socket", "create_connection"),
        ("importlib", "import_module"),
        ("builtins", "eval"),
        ("ctypes", "CDLL"),
        ("pathlib", "Path.unlink"),
        ("other", "thing.__globals__"),
        ("sh", "rm"),
        ("pickle", "loads"),
    ],
)
def test_what_can_do_harm_is_not_reached(module: str, chain: str) -> None:
    assert not may_reach(module, chain, ("shop",))


@pytest.mark.parametrize(
    ("module", "chain"),
    [("shop.orders", "place"), ("io", "BytesIO"), ("datetime", "datetime"), ("os", "pipe"), ("bs4", "BeautifulSoup")],
)
def test_the_repo_and_harmless_parts_are_reached(module: str, chain: str) -> None:
    assert may_reach(module, chain, ("shop",))
