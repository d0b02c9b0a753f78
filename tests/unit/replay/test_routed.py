"""A request made up for a view: what it reads tells the names, its types tell plain values."""

import ast
from types import SimpleNamespace
from typing import Any, cast

from triage.domain.event import Request
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices
from triage.drafting.replay.entries import routed


def read(source: str) -> tuple[list[str], list[str], bool]:
    query, body, is_json = routed._read(ast.parse(source).body[0])
    return list(query), list(body), is_json


def filled(route: routed.Route) -> Request:
    builder: Any = SimpleNamespace(choices=Choices())
    return routed._filled(cast(Builder, builder), route)


def test_what_a_view_reads_of_its_request() -> None:
    view = "def book():\n    page = request.args.get('page')\n    data = request.get_json()\n    return data['seats']"
    assert read(view) == (["page"], ["seats"], True)
    assert read("def book(request):\n    return request.POST['name'], request.GET['q']") == (["q"], ["name"], False)
    assert read("def book(rows):\n    return rows['name'], rows.get('x')") == ([], [], True)


def test_holes_and_fields_get_values_of_their_types() -> None:
    route = routed.Route(
        "POST", "/rooms/{room_id}/<slug:day>/{name}", ("q",), ("seats",), {"seats": "int", "q": "date"}
    )
    request = filled(route)
    assert request.method == "POST"
    assert request.url == "http://localhost/rooms/1/x/x"
    assert request.query == (("q", "2024-01-01"),)
    assert request.body == {"seats": 1}
    assert dict(request.headers) == {"Content-Type": "application/json"}


def test_a_get_request_has_no_body() -> None:
    request = filled(routed.Route("GET", "/rooms", (), ("seats",)))
    assert request.body is None
    assert request.headers == ()
