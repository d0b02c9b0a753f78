"""What a draft's source says about reaching for its judge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.domain.tamper import tampering


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("x = f.__globals__", "__globals__"),
        ("x = getattr(f, '__closure__')", "names __closure__"),
        ("x = getattr(f, '__clo' + 'sure__')", "puts together"),
        ("request.config.pluginmanager.register(x)", "pluginmanager"),
        ("import _pytest.runner", "reaches into pytest"),
        ("from _pytest import runner", "reaches into pytest"),
        ("def pytest_runtest_makereport(item): pass", "defines the hook"),
        ("pytest_plugins = ['x']", "plugins"),
        ("frame = generator.gi_frame", "gi_frame"),
        ("if sys.gettrace(): f()", "watched"),
        ("sys.setrecursionlimit(60)", "limits"),
        ("sys.setrecursionlimit(sys.getrecursionlimit() // 4)", "limits"),
        ("from resource import setrlimit\nresource.setrlimit(resource.RLIMIT_AS, (1, 1))", "limits"),
    ],
)
def test_what_is_found(source: str, word: str) -> None:
    assert any(word in found for found in tampering(source))


@pytest.mark.parametrize(
    "source",
    [
        "def test_it(monkeypatch):\n    monkeypatch.setitem(sys.modules, 'x', None)",
        "from _pytest.monkeypatch import MonkeyPatch",
        "cart = object.__new__(Cart)\ncart.__dict__.update(items=[])",
        "import gc\ngc.collect()",
        "sys.setrecursionlimit(5000)",
        "for name in ('a', 'b'):\n    getattr(x, name)()",
        "with pytest.raises(KeyError) as caught:\n    f()\nassert caught.value.args",
        "def broken(:",
    ],
)
def test_what_tests_do_is_not(source: str) -> None:
    assert tampering(source) == ()


@given(st.text(max_size=200))
def test_never_raises(source: str) -> None:
    assert isinstance(tampering(source), tuple)
