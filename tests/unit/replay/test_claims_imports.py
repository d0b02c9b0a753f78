"""The error that a test expects is imported under a name that nothing else in the test has."""

import ast

import pytest

from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.searching.search import of_a_mock
from triage.drafting.replay.written.claims import _looked_up, _reraising, _said, imported

BODY = ast.parse("client.get(url)").body


def test_a_free_name_is_imported_as_it_is() -> None:
    imports = ["import shop"]
    assert imported(imports, BODY, "shop.errors", "Refused") == "Refused"
    assert imports[-1] == "from shop.errors import Refused"


def test_an_error_of_the_same_name_from_elsewhere_keeps_its_own() -> None:
    imports = ["from library.exceptions import Refused"]
    assert imported(imports, BODY, "shop.errors", "Refused") == "ShopRefused"
    assert imports[-1] == "from shop.errors import Refused as ShopRefused"


def test_what_is_imported_already_is_used() -> None:
    imports = ["from shop.errors import Refused"]
    body = ast.parse("raise_it(Refused)").body
    assert imported(imports, body, "shop.errors", "Refused") == "Refused"


def test_builtins_need_no_import() -> None:
    imports: list[str] = []
    assert imported(imports, BODY, "builtins", "ValueError") == "ValueError"
    assert imports == []


def test_what_is_not_implemented_for_a_mock_is_no_answer() -> None:
    def made(text: str) -> Candidate:
        return Candidate((), tuple(ast.parse(text).body), "f", "")

    assert of_a_mock(made("FrozenResult(Result(MagicMock()))()"), "NotImplementedError")
    assert not of_a_mock(made("FrozenResult(Result(rows))()"), "NotImplementedError")
    assert not of_a_mock(made("send(MagicMock())"), "ValueError")


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("granularity must not be empty", "granularity must not be empty"),
        ("invalid key: 'x_unknown' (no such codec)", "invalid key: 'x_unknown'"),
        ("bad", ""),
        ("(no words)", ""),
        ("no file /tmp/pytest-of-root/x.csv here", ""),
    ],
)
def test_an_error_of_a_common_type_is_known_by_what_it_says(message: str, told: str) -> None:
    assert _said(message, "f()") == told


def test_an_error_that_comes_with_the_fix_is_looked_up_only_there() -> None:
    imports: list[str] = []
    name = _looked_up(imports, BODY, "shop.wire.errors", "Torn")
    assert (name, imports) == ("errors.Torn", ["from shop.wire import errors"])
    given, body = _reraising(imports, list(BODY), "builtins.KeyError", name)
    source = "\n".join([*given, *(ast.unparse(item) for item in body)])
    here: dict[str, object] = {"client": {}, "url": "x"}
    with pytest.raises(KeyError):  # nothing of the errors' module is asked for before the fix
        exec(source.replace(given[0], "").replace("client.get(url)", "client[url]"), here)


def test_an_error_of_a_module_at_the_top() -> None:
    imports: list[str] = []
    assert _looked_up(imports, BODY, "shop", "Torn") == "shop.Torn"
    assert imports == ["import shop"]
