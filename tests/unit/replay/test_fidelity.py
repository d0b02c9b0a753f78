"""How complete an event's values are, and what is missing by name."""

from datetime import UTC, datetime

from triage.domain.capture import Capture, CapturedFrame
from triage.domain.event import Event, Frame, Json, Raised, Request
from triage.domain.fidelity import Fidelity, grade


def event(variables: dict[str, Json] | None, **more: object) -> Event:
    frame = Frame("shop/a.py", "total", 3, in_app=True, variables=variables)
    return Event(
        "1", "test", datetime(2024, 1, 1, tzinfo=UTC), exceptions=(Raised("KeyError", frames=(frame,)),), **more
    )  # type: ignore[arg-type]


def test_reprs_of_the_sdk_are_repr_only() -> None:
    assert grade(event({"a": "1"})) == (Fidelity.REPR_ONLY, ())


def test_no_values_at_all_is_stack_only() -> None:
    assert grade(event(None))[0] is Fidelity.STACK_ONLY
    assert grade(event({}))[0] is Fidelity.STACK_ONLY


def test_what_is_missing_is_named() -> None:
    names: dict[str, Json] = {"token": "[Filtered]", "cart": "<shop.Cart object at 0x7f00>", "rows": ["1"] * 10}
    _, missing = grade(event(names))
    assert missing == (
        "total: token (filtered)",
        "total: cart (an object known only by name)",
        "total: rows (more than 10 items, perhaps)",
    )


def test_ten_locals_may_be_more_and_a_cut_body_is_said() -> None:
    _, missing = grade(event({f"v{n}": "1" for n in range(10)}, request=Request("POST", "/", body_state="truncated")))
    assert missing == ("request body: truncated", "total: more locals than the 10 that were sent, perhaps")


def recorded(arguments: dict[str, Json], *objects: Json, line: int = 3) -> Capture:
    frame = CapturedFrame(0, 0, 1, "/srv/other/root/a.py", line, "shop.a", "total", arguments)
    return Capture((frame,), objects, ("builtins:KeyError",))


def test_values_of_the_capture_hook_are_full_unless_an_argument_is_not_there() -> None:
    whole = recorded({"rows": [0]}, ["list", [1, 2]])
    assert grade(event({"a": "1"}, capture=whole)) == (Fidelity.FULL, ())
    trimmed = recorded({"rows": [0]}, ["list", [1, ["cut", "builtins:list"]]])
    assert grade(event({"a": "1"}, capture=trimmed)) == (
        Fidelity.TRIMMED,
        ("total: rows[1] (more than the capture's budget)",),
    )


def test_a_capture_of_another_stack_does_not_count() -> None:
    assert grade(event({"a": "1"}, capture=recorded({"a": 1}, line=99)))[0] is Fidelity.REPR_ONLY
