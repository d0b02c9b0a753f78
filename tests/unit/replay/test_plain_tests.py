"""A written test has nothing that a linter or a reader would take out again."""

import ast
from pathlib import Path

import pytest

from triage.drafting.replay.building import literals
from triage.drafting.replay.building.objects import snake
from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.smaller.scrub import with_all_alike
from triage.drafting.replay.smaller.simpler import plainer
from triage.drafting.replay.written.imports import from_home, own_packages, sorted_imports
from triage.drafting.replay.written.naming import name_of_test, renamed, subject_of
from triage.drafting.replay.written.plain import without_unused_names
from triage.drafting.replay.written.style import Style, read_style
from triage.drafting.replay.written.writing import _assemble, _free_path


def test_a_variable_that_nothing_reads_has_no_name() -> None:
    body = ast.parse(
        "loan = Loan.create()\nunread = 5\nnames = unread_too = []\nwith app():\n    meter = Meter()\n    run()"
    ).body
    text = "\n".join(ast.unparse(item) for item in without_unused_names(body))
    assert text == "Loan.create()\nnames = unread_too = []\nwith app():\n    Meter()\n    run()"


def test_names_made_by_hand_are_known_to_be_read() -> None:
    body = [ast.Assign([ast.Name("cart", ast.Store())], ast.Call(ast.Name("Cart"), [], []), lineno=0)]
    assert len(without_unused_names([*body, ast.Expr(ast.Name("cart"))])) == 2
    kept = without_unused_names([*body, ast.Expr(ast.Name("cart"))])
    assert isinstance(kept[0], ast.Assign)


def test_what_only_an_unread_value_read_goes_too() -> None:
    body = ast.parse("model = get_model()\nrow = [model]\nrun()").body
    assert [ast.unparse(item) for item in without_unused_names(body)] == ["get_model()", "run()"]


def test_names_are_imported_from_where_they_live(tmp_path: Path) -> None:
    (tmp_path / "src" / "shop").mkdir(parents=True)
    (tmp_path / "src" / "shop" / "__init__.py").write_text("from shop.cart import Cart\n")
    (tmp_path / "src" / "shop" / "cart.py").write_text(
        "from decimal import Decimal\nfrom sqlalchemy.orm import Session as Db\nfrom .base import Base\n"
        "class Cart: ...\n"
    )
    own = own_packages(tmp_path, ["src"])
    assert own == {"shop"}
    lines = [
        "from shop.cart import Decimal",
        "from shop.cart import Db",
        "from shop.cart import Base",
        "from shop import Cart",
    ]
    assert from_home(lines, tmp_path, ["src"], own) == [
        "from decimal import Decimal", lines[1], "from shop.base import Base", lines[3],
    ]  # fmt: skip


def test_imports_stand_in_the_groups_that_isort_makes() -> None:
    lines = ["from shop import a", "import pytest", "import os", "from flask import Flask", "from shop import Cart"]
    assert sorted_imports(lines, {"shop"}) == [
        "import os", "", "import pytest", "from flask import Flask", "", "from shop import Cart, a",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("HTTPNotFound", "http_not_found"), ("OSError", "os_error"), ("RateBook", "rate_book"), ("IBAN", "iban"),
        ("SMTPAuthenticationError", "smtp_authentication_error"),
        ("CSVStack", "csv_stack"), ("Num2Words", "num2_words"),
    ],
)  # fmt: skip
def test_capitals_are_one_word(name: str, words: str) -> None:
    assert snake(name) == words


def test_the_file_is_named_after_what_the_test_calls(tmp_path: Path) -> None:
    call = ast.parse("list(petl.wrap(rows).distinct())", mode="eval").body
    entry = "petl.transform.dedup.DistinctView.__iter__"
    candidate = Candidate(("import petl",), (), entry, "method")
    subject = subject_of(call, entry)
    assert _free_path(tmp_path, Style(), candidate, "test_distinct_x", subject, "petl/transform/dedup.py") == (
        "tests/test_dedup_distinct.py"
    )
    own = Candidate(("import version",), (), "packaging.version.Version.__init__", "method")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_version.py").touch()
    told = "test_version_raises_invalid_version"
    assert _free_path(tmp_path, Style(), own, told, "version", "src/packaging/version.py") == (
        "tests/test_version_raises_invalid_version.py"
    )


def test_a_name_does_not_end_in_what_many_inputs_are() -> None:
    call = ast.parse("convert('<a>')", mode="eval").body
    assert name_of_test(call, "shop.convert", "", "ValueError") == "test_convert_does_not_raise_value_error"
    assert name_of_test(call, "shop.convert", "returns_none", "ValueError") == "test_convert_returns_none_for_markup"


@pytest.mark.parametrize(
    ("code", "plain"),
    [
        ("day = tmp_path / 'a' / 'day.json'\nrun(Path(str(day)))", "run(day)"),
        ("run(Path(str(tmp_path)))", "run(tmp_path)"),
        ("run(getattr(cart, 'total'))", "run(cart.total)"),
        ("monkeypatch.setenv('URL', 'u')\nrun(os.environ['URL'])", "run('u')"),
        ("monkeypatch.setenv('URL', 'u')\nrun(os.environ.get('URL', 'd'))", "run('u')"),
        ("run(os.environ.get('URL', 'd'))", "run('d')"),
        ("run([F(name) for name in []])", "run([])"),
        ("run(['-n', str(1000), *[str(a), b]])", "run(['-n', '1000', str(a), b])"),
    ],
)
def test_expressions_are_written_plainly(code: str, plain: str) -> None:
    candidate = Candidate(
        ("from pathlib import Path",), tuple(ast.parse(code).body), "x.run", "f", fixtures=("tmp_path",)
    )
    first = next(iter(plainer(candidate)))
    assert ast.unparse(ast.fix_missing_locations(first.body[-1])) == plain


def test_bytes_are_as_wide_as_they_are_written() -> None:
    value = bytes(range(128, 228))
    text = literals.unparse(ast.Assign([ast.Name("data", ast.Store())], ast.Constant(value), lineno=0))
    assert max(map(len, text.split("\n"))) < 100
    assert ast.literal_eval(ast.parse(text).body[0].value) == value  # type: ignore[attr-defined]
    long = value + b"\x00" * 1025
    text = literals.unparse(ast.Assign([ast.Name("data", ast.Store())], ast.Constant(long), lineno=0))
    assert max(map(len, text.split("\n"))) < 110
    assert eval(text.partition(" = ")[2]) == long
    words = "Bonjour, déjà l'été à Nîmes; ça va être très agréable, n'est-ce pas? Oui, bien sûr, très."
    written = literals.unparse(ast.Constant(words.encode()))
    assert ".encode()" in written
    assert "déjà" in written


DJANGO = """
os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')
django.setup()
setup_databases(verbosity=0, interactive=False)
from shop.models import Cart
from shop.models import Line
assert Cart.objects.create().total == 0
"""


def assembled(code: str, style: Style, is_async: bool = False, native: str = "", imports: tuple[str, ...] = ()) -> str:
    body = ast.parse(code).body
    candidate = Candidate(imports, tuple(body), "shop.run", "f", is_async=is_async, native=native)
    return _assemble(list(imports), "test_run", "It runs.", body, candidate, style, "")


@pytest.mark.parametrize(("kind", "name"), [("function", "setup_module"), ("unittest", "setUpModule")])
def test_django_is_set_up_ahead_of_the_test(kind: str, name: str) -> None:
    source = assembled(DJANGO, Style(kind=kind), imports=("import os", "import django"))
    ahead, _, test = source.partition("def test_run")
    assert "from shop.models import Cart, Line  # noqa: E402" in ahead
    assert f"def {name}():\n    setup_databases(verbosity=0, interactive=False)" in ahead
    assert "import" not in test
    assert ahead.index("import django") < ahead.index("django.setup()") < ahead.index("from shop.models")
    ast.parse(source)


def test_it_stays_in_the_test_where_that_does_not_work_and_elsewhere_nothing_moves() -> None:
    assert "import" in assembled(DJANGO, Style(inside=True)).partition("def test_run")[2]
    plain = "import shop\nassert shop.run() == 1"
    assert "    import shop" in assembled(plain, Style())


def test_a_coroutine_is_awaited_as_the_neighbours_do(tmp_path: Path) -> None:
    near = tmp_path / "tests" / "test_near.py"
    near.parent.mkdir()
    near.write_text("import pytest\n\n@pytest.mark.asyncio\nasync def test_near():\n    pass\n")
    assert read_style(tmp_path, "tests/test_near.py").native == "asyncio"
    (tmp_path / "pytest.ini").write_text("[pytest]\nasyncio_mode = auto\n")
    assert read_style(tmp_path, "tests/test_near.py").native == "auto"
    near.write_text("def test_near():\n    pass\n")
    assert read_style(tmp_path, "tests/test_near.py").native == ""
    source = assembled("assert await run() == 1", Style(), True, "asyncio", ("import asyncio", "from shop import run"))
    assert "@pytest.mark.asyncio\nasync def test_run():" in source
    assert "import asyncio" not in source


def test_a_substitute_stands_wherever_its_text_is() -> None:
    code = "Ledger({'WELCOME15': Coupon(code='WELCOME15')}).redeem('welcome15', 'WELCOME')"
    before = Candidate((), tuple(ast.parse(code).body), "x", "f")
    changed = code.replace("code='WELCOME15'", "code='QYJZYJY78'")
    after = with_all_alike(before, Candidate((), tuple(ast.parse(changed).body), "x", "f"))
    assert (
        ast.unparse(after.body[0]) == "Ledger({'QYJZYJY78': Coupon(code='QYJZYJY78')}).redeem('qyjzyjy78', 'WELCOME')"
    )


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ("subject = Ledger({})\nsubject.redeem()", "ledger = Ledger({})\nledger.redeem()"),
        ("value = tmp_path / '2026.csv'\nread(value)", "path = tmp_path / '2026.csv'\nread(path)"),
        ("source = f()\nsource_2 = 'a'\nread(source, source_2)", "source = f()\ntext = 'a'\nread(source, text)"),
        ("subject = f()\nsubject.redeem()", "subject = f()\nsubject.redeem()"),
    ],
)
def test_a_variable_is_named_after_what_it_holds(code: str, named: str) -> None:
    assert "\n".join(ast.unparse(item) for item in renamed(ast.parse(code).body, {"Ledger"})) == named


def test_names_made_by_hand_are_renamed_too() -> None:
    made = ast.Assign([ast.Name("subject", ast.Store())], ast.Call(ast.Name("Ledger"), [], []), lineno=0)
    body = renamed([made, ast.Expr(ast.Attribute(ast.Name("subject"), "lines"))], {"Ledger"})
    assert [ast.unparse(item) for item in body] == ["ledger = Ledger()", "ledger.lines"]
