"""Which events are one issue."""

import dataclasses
from datetime import UTC, datetime
from pathlib import Path

from triage.domain.event import Event, Frame, Link, Raised
from triage.domain.fingerprint import fingerprint, mask
from triage.domain.incoming import Kind
from triage.sources import parse_event


def frame(function: str, module: str | None = "shop.orders", **more: object) -> Frame:
    base = Frame(path="shop/orders.py", function=function, module=module, lineno=3, in_app=True, context_line="x = 1")
    return dataclasses.replace(base, **more)  # type: ignore[arg-type]


def event(*exceptions: Raised, **more: object) -> Event:
    base = Event(id="a" * 32, source="ingest", occurred_at=datetime(2026, 1, 1, tzinfo=UTC), exceptions=exceptions)
    return dataclasses.replace(base, **more)  # type: ignore[arg-type]


def key_error(*frames: Frame, value: str = "'B2'", kind: str = "KeyError") -> Event:
    return event(Raised(type=kind, value=value, frames=frames or (frame("create"), frame("price"))))


def test_lines_values_hosts_and_libraries_do_not_matter() -> None:
    one = key_error()
    moved = key_error(
        frame("create", lineno=99, abs_path="/home/ana/shop/orders.py"),
        frame("run", "flask.app", in_app=False),
        frame("price", context_line="return table[sku]", pre_context=("a",), variables={"sku": "1"}),
        value="'C3'",
    )
    assert fingerprint(one) == fingerprint(moved)


def test_type_function_and_module_matter() -> None:
    base = fingerprint(key_error())
    others = [
        key_error(kind="ValueError"),
        key_error(frame("create"), frame("total")),
        key_error(frame("create"), frame("price", "shop.carts")),
        event(dataclasses.replace(key_error().exceptions[0], module="shop.errors")),
        event(Raised(type="OSError"), *key_error().exceptions),
    ]
    assert len({base, *map(fingerprint, others)}) == 6


def test_recursion_is_one_issue_at_any_depth() -> None:
    def recursive(depth: int, kind: str = "RecursionError") -> Event:
        return key_error(frame("main"), *[frame("even"), frame("odd")] * depth, kind=kind)

    assert fingerprint(recursive(20)) == fingerprint(recursive(480))
    assert fingerprint(recursive(3, "ValueError")) == fingerprint(recursive(40, "ValueError"))
    odd_end = key_error(frame("main"), *[frame("even"), frame("odd")] * 90, frame("even"), kind="RecursionError")
    assert fingerprint(recursive(20)) == fingerprint(odd_end)


def test_a_groups_members_may_come_in_any_number_and_order() -> None:
    def group(*kinds: str) -> Event:
        members = [Raised(type=kind, frames=(frame("child"),), parent=len(kinds), link=Link.GROUP) for kind in kinds]
        return event(*members, Raised(type="ExceptionGroup", is_group=True, frames=(frame("run"),)))

    assert fingerprint(group("KeyError", "TypeError")) == fingerprint(group("TypeError", "KeyError", "KeyError"))
    assert fingerprint(group("KeyError")) != fingerprint(group("TypeError"))


def test_the_cause_tells_wrapped_errors_apart() -> None:
    wrapper = Raised(type="ServiceError", frames=(frame("handle"),))
    one = event(Raised(type="KeyError", frames=(frame("load"),)), wrapper)
    other = event(Raised(type="KeyError", frames=(frame("store"),)), wrapper)
    assert fingerprint(one) != fingerprint(other)


def test_library_frames_count_only_when_there_are_no_others() -> None:
    def library(function: str) -> Event:
        return key_error(Frame(path="/usr/lib/python3.11/json/decoder.py", function=function, in_app=False))

    assert fingerprint(library("decode")) != fingerprint(library("raw_decode"))


def test_messages_are_grouped_by_template_or_without_their_numbers() -> None:
    def logged(message: str, template: str = "", logger: str = "shop") -> Event:
        return event(message=message, template=template, logger=logger)

    assert fingerprint(logged("payment 17 declined")) == fingerprint(logged("payment 18 declined"))
    assert fingerprint(logged("a", "order %s")) == fingerprint(logged("b", "order %s"))
    assert fingerprint(logged("a")) != fingerprint(logged("a", logger="web"))
    assert mask("id 3fa85f64-5717-4562-b3fc-2c963f66afa6 at 0xdeadbeef by ana@x.org") == "id * at * by *"


def test_the_clients_own_grouping_wins() -> None:
    assert fingerprint(key_error()) != fingerprint(dataclasses.replace(key_error(), grouping=("db-down",)))
    both = [dataclasses.replace(item, grouping=("db-down",)) for item in (key_error(), key_error(kind="OSError"))]
    assert fingerprint(both[0]) == fingerprint(both[1])
    more = [
        dataclasses.replace(item, grouping=("{{ default }}", "eu")) for item in (key_error(), key_error(kind="OSError"))
    ]
    assert fingerprint(more[0]) != fingerprint(more[1])


def test_tracebacks_are_the_same_on_every_host() -> None:
    text = (
        "Traceback (most recent call last):\n"
        '  File "{}/shop/orders.py", line 3, in price\n'
        "    return table[sku]\n"
        "KeyError: {}\n"
    )

    def logged(root: str, value: str, line: str = "return table[sku]") -> str:
        raw = text.format(root, value).replace("return table[sku]", line).encode()
        return fingerprint(parse_event(raw, Kind.TRACEBACK))

    assert logged("/srv/app", "'a'") == logged("/home/ana/work", "'b'") == logged("C:\\code", "'c'")
    assert logged("/srv/app", "'a'") != logged("/srv/app", "'a'", "return prices[sku]")


def test_the_same_crash_under_flask_and_fastapi_differs_by_its_own_frames_only(shared: Path) -> None:
    def of(name: str) -> str:
        return fingerprint(parse_event((shared / f"samples/sdk-events/{name}.json").read_bytes(), Kind.SDK))

    assert of("plain") == of("logging") == of("unhandled")
    assert of("flask") == of("flask_limited") == of("flask_pii_novars")
    assert of("chained") != of("implicit") != of("plain")
