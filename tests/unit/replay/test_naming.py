"""What a test is called: after what it calls, what comes out, and for what input."""

import ast

import pytest

from triage.drafting.replay.written.naming import name_of_test, renamed


def named(call: str, outcome: str = "", entry: str = "shop.cart.total") -> str:
    return name_of_test(ast.parse(call, mode="eval").body, entry, outcome, "shop.errors.NoPrice")


@pytest.mark.parametrize(
    ("call", "outcome", "name"),
    [
        ("Table([['a', 1]], headers=None).to_text()", "", "test_to_text_without_headers"),
        ("louvain(nx.Graph())", "returns_empty_list", "test_louvain_returns_empty_list_for_empty_graph"),
        ("stemmer.stem('')", "returns_empty_string", "test_stem_returns_empty_string_for_empty_string"),
        ("Version(None)", "raises_invalid_version", "test_version_raises_invalid_version_for_none"),
        ("format_compact(1000, 'EUR', locale=nl)", "", "test_format_compact_for_1000_eur"),
        ("sqlparse.format('( as )', reindent=True)", "", "test_format_with_reindent"),
        ("list(petl.distinct(rows, 'id'))", "", "test_distinct_for_id"),
        ("client.get('/orders/7?x=1').status_code", "answers_200", "test_get_orders_7_answers_200"),
        ("create_app().test_client().post('/orders').status_code", "answers_200", "test_post_orders_answers_200"),
        ("TestClient(app).get('http://shop/orders').status_code", "answers_200", "test_get_orders_answers_200"),
        ("api_client.get('/orders').status_code", "answers_200", "test_get_orders_answers_200"),
        ("cart.get('/orders')", "", "test_get_does_not_raise_no_price"),
        ("parse_path('M0 0 L10 10 Z')", "", "test_parse_path_does_not_raise_no_price"),
        (
            "CliRunner().invoke(main, ['x'], catch_exceptions=False).exit_code",
            "exits_with_0",
            "test_total_exits_with_0",
        ),
        ("linkify('<U>')", "", "test_linkify_does_not_raise_no_price"),
        ("scale(x)", "", "test_scale_does_not_raise_no_price"),
        ("broadcast([], loud=True)", "", "test_broadcast_for_empty_list_with_loud"),
        ("f([], {})", "", "test_f_for_empty_list_and_empty_dict"),
        ("'%s' % frame", "", "test_cart_str_does_not_raise_no_price"),
    ],
)
def test_names(call: str, outcome: str, name: str) -> None:
    entry = "shop.Cart.__str__" if "%" in call else "shop.cart.total"
    assert named(call, outcome, entry) == name


def test_long_names_end_at_a_word() -> None:
    name = named(f"{'very_' * 30}long(None)", "raises_something_with_a_long_name")
    assert len(name) <= 80
    assert name.isidentifier()


def test_variables_are_named_as_local_ones_are() -> None:
    body = ast.parse("MODE = make()\nout_2 = MODE.run(json_2)\nprint(out_2)").body
    assert "\n".join(ast.unparse(item) for item in renamed(body, {"json"})) == (
        "mode = make()\nout = mode.run(json_2)\nprint(out)"
    )
    taken = ast.parse("MODE = mode()\nMODE.run()").body
    assert ast.unparse(renamed(taken, set())[0]) == "MODE = mode()"
