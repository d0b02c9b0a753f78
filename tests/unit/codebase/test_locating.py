"""A stack laid on a real repo with a history."""

import datetime
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from triage.codebase.locate import locate, locate_fast
from triage.config import PathMap
from triage.domain.code_path import Match
from triage.domain.event import Event, Frame, Raised
from triage.domain.expected import expected_failure
from triage.errors import TriageError

Make = Callable[..., Any]

ORDERS = '''\
"""Orders."""

from shop.prices import price


class Order:
    def __init__(self, sku, quantity):
        self.sku = sku
        self.quantity = quantity

    def total(self, table):
        if not table:
            return 0
        return price(self.sku, table) * self.quantity


def checkout(order):
    return order.total({"A1": 10})
'''
PRICES = "def price(sku, table):\n    return table[sku]\n"
PACKAGE = {"src/shop/__init__.py": "", "src/shop/orders.py": ORDERS, "src/shop/prices.py": PRICES}


def crash(root: str = "/app/src/", *, context: bool = True) -> tuple[Frame, ...]:
    lines = [
        ("shop/orders.py", "checkout", 18, '    return order.total({"A1": 10})'),
        ("shop/orders.py", "total", 14, "        return price(self.sku, table) * self.quantity"),
        ("shop/prices.py", "price", 2, "    return table[sku]"),
    ]
    return tuple(
        Frame(root + path, name, line, context_line=text if context else None) for path, name, line, text in lines
    )


async def test_release_drift_blame_and_owners(repo: Any, make_event: Make) -> None:
    repo.commit(PACKAGE, "first", when="2026-01-01T12:00:00Z")
    repo.git("tag", "v1.4.1")
    guilty = repo.commit(
        {"src/shop/prices.py": "def price(sku, table):\n    return table[sku]  # no default\n"},
        "Drop the default price",
        author="bo",
        when="2026-05-20T12:00:00Z",
    )
    repo.git("tag", "v1.4.2")
    owners = "* @everyone\n/src/shop/ @shop\nprices.py @money @bo\n"
    repo.commit(
        {
            "src/shop/prices.py": "# new header\n\n\n" + PRICES.replace("[sku]", "[sku]  # no default"),
            ".github/CODEOWNERS": owners,
        },
        "header",
    )
    frames = crash()
    frames = (*frames[:2], replace(frames[2], context_line="    return table[sku]  # no default"))
    path = await locate(repo.path, make_event(*frames, release="shop@1.4.2"))
    assert path.release_known
    assert path.commit == repo.git("rev-parse", "v1.4.2^{commit}")
    assert path.head == repo.git("rev-parse", "HEAD")
    assert [item.match for item in path.frames] == [Match.EXACT] * 3
    assert [item.qualname for item in path.frames] == ["checkout", "Order.total", "price"]
    found = path.crash
    assert found is not None
    assert (found.path, found.release_line, found.head_line) == ("src/shop/prices.py", 2, 5)
    assert found.function_lines == (5, 6)
    assert found.owners == ("@money", "@bo")
    assert path.frames[0].owners == ("@shop",)
    assert found.blame is not None
    assert (found.blame.commit, found.blame.author) == (guilty, "bo")
    assert path.suspect is not None
    assert path.suspect.commit == guilty
    assert path.suspect.confidence >= 0.7
    assert "v1.4.1" in path.suspect.reason
    assert "def price(sku, table):" in found.excerpt


async def test_a_commit_of_the_release_that_touched_only_the_file_is_a_weak_suspect(
    repo: Any, make_event: Make
) -> None:
    repo.commit(PACKAGE, "first", when="2025-01-01T12:00:00Z")
    repo.git("tag", "v1.0")
    near = repo.commit({"src/shop/prices.py": PRICES + "\n\nTAX = 19\n"}, "Add tax", when="2026-05-01T12:00:00Z")
    repo.git("tag", "v1.1")
    path = await locate(repo.path, make_event(*crash(), release="1.1"))
    assert path.suspect is not None
    assert path.suspect.commit == near
    assert path.suspect.confidence == 0.3
    assert "file of the crash" in path.suspect.reason


async def test_a_line_changed_since_is_gone_at_head(repo: Any, make_event: Make) -> None:
    repo.commit(PACKAGE)
    sha = repo.git("rev-parse", "HEAD")
    repo.commit({"src/shop/prices.py": "def price(sku, table):\n    return table.get(sku, 0)\n"})
    path = await locate(repo.path, make_event(*crash(), release=sha[:12]))
    assert path.commit == sha
    found = path.crash
    assert found is not None
    assert (found.match, found.release_line, found.head_line) == (Match.EXACT, 2, None)
    expected = expected_failure(make_event(*crash(), release=sha[:12]), path)
    assert expected is not None
    assert expected.points[-1].line == "return table[sku]"


async def test_a_renamed_file_is_followed_to_head(repo: Any, make_event: Make) -> None:
    repo.commit(PACKAGE)
    repo.git("tag", "1.0")
    repo.git("mv", "src/shop/prices.py", "src/shop/money.py")
    repo.commit({"src/shop/orders.py": ORDERS.replace("prices", "money")})
    path = await locate(repo.path, make_event(*crash(), release="1.0"))
    found = path.crash
    assert found is not None
    assert (found.path, found.head_path, found.head_line) == ("src/shop/prices.py", "src/shop/money.py", 2)
    assert "now src/shop/money.py" in found.note


async def test_a_dirty_deploy_is_found_by_its_line(repo: Any, make_event: Make) -> None:
    repo.commit(PACKAGE)
    shifted = tuple(replace(item, lineno=(item.lineno or 0) + 9) for item in crash())
    path = await locate(repo.path, make_event(*shifted))
    assert [(item.match, item.release_line) for item in path.frames] == [
        (Match.MOVED, 18),
        (Match.MOVED, 14),
        (Match.MOVED, 2),
    ]


async def test_a_release_of_another_project_that_happens_to_be_a_tag_here(repo: Any, make_event: Make) -> None:
    repo.commit({**PACKAGE, "src/shop/prices.py": "# old\n\n\ndef price(sku):\n    raise NotImplementedError\n"})
    repo.git("tag", "v1.0.0")
    head = repo.commit({"src/shop/prices.py": PRICES})
    path = await locate(repo.path, make_event(*crash(), release="worker@1.0.0"))
    assert path.commit == head
    assert not path.release_known
    assert "fits HEAD better" in path.warnings[0]
    assert path.crash is not None
    assert path.crash.match is Match.EXACT


async def test_a_plain_traceback_without_any_source(repo: Any, make_event: Make) -> None:
    repo.commit(PACKAGE)
    path = await locate(repo.path, make_event(*crash("/srv/app/lib/python3.9/site-packages/", context=False)))
    assert [(item.path, item.match) for item in path.frames] == [
        ("src/shop/orders.py", Match.EXACT),
        ("src/shop/orders.py", Match.EXACT),
        ("src/shop/prices.py", Match.EXACT),
    ]
    shifted = [replace(item, lineno=99) for item in crash(context=False)]
    path = await locate(repo.path, make_event(*shifted))
    assert [(item.match, item.release_line) for item in path.frames] == [(Match.MOVED, None)] * 3


async def test_frames_from_elsewhere_stay_and_say_why(repo: Any, make_event: Make) -> None:
    repo.commit(
        {
            **PACKAGE,
            "tools/driver.py": "def main():\n    run()\n",
            "src/shop/json/decoder.py": "def decode():\n    pass\n",
        }
    )
    others = (
        Frame("driver.py", "main", 27, abs_path="/srv/service/driver.py", context_line="    main()"),
        Frame(
            "json/decoder.py", "decode", 1, abs_path="/usr/lib/python3.11/json/decoder.py", context_line="def decode():"
        ),
        Frame("/v/lib/python3.11/site-packages/requests/api.py", "get", 3),
        Frame("<string>", "<module>", 1),
        Frame("../../../../etc/passwd", "root", 1, context_line="root:x:0:0"),
    )
    path = await locate(repo.path, make_event(*others, *crash()))
    missing = path.frames[:5]
    assert {item.match for item in missing} == {Match.MISSING}
    notes = [item.note for item in missing]
    assert "not in this checkout" in notes[0]
    assert "standard library" in notes[1]
    assert "requests" in notes[2]
    assert "generated" in notes[3]
    assert all(notes)
    assert path.crash is not None
    assert path.crash.qualname == "price"


async def test_twins_are_ambiguous_unless_the_map_decides(repo: Any, make_event: Make) -> None:
    text = "def handle(item):\n    return item['id']\n"
    repo.commit(
        {
            "services/a/app/__init__.py": "",
            "services/a/app/main.py": text,
            "services/b/app/__init__.py": "",
            "services/b/app/main.py": text,
        }
    )
    frame = Frame("/app/app/main.py", "handle", 2, context_line="    return item['id']")
    path = await locate(repo.path, make_event(frame))
    assert path.frames[0].match is Match.AMBIGUOUS
    assert "services/b/app/main.py" in path.frames[0].note
    path = await locate(repo.path, make_event(frame), (PathMap("/app", "services/b"),))
    assert (path.frames[0].match, path.frames[0].path) == (Match.EXACT, "services/b/app/main.py")


async def test_a_committed_build_folder_is_no_twin(repo: Any, make_event: Make) -> None:
    repo.commit({**PACKAGE, **{path.replace("src/", "build/lib/"): text for path, text in PACKAGE.items()}})
    path = await locate(repo.path, make_event(*crash("/v/lib/python3.11/site-packages/")))
    assert [(item.path, item.match) for item in path.frames][-1] == ("src/shop/prices.py", Match.EXACT)


async def test_twins_that_differ_are_told_apart_by_content(repo: Any, make_event: Make) -> None:
    text = "def handle(item):\n    return item['{}']\n"
    repo.commit({f"services/{name}/app/main.py": text.format(name) for name in "abc"})
    frame = Frame("/app/app/main.py", "handle", 2, context_line="    return item['c']")
    path = await locate(repo.path, make_event(frame))
    assert (path.frames[0].match, path.frames[0].path) == (Match.EXACT, "services/c/app/main.py")


async def test_a_recursion_of_a_thousand_frames_is_quick_and_compact(repo: Any, make_event: Make) -> None:
    text = "def ping(n):\n    return pong(n + 1)\n\n\ndef pong(n):\n    return ping(n + 1)\n"
    text += "\n\ndef start():\n    ping(0)\n"
    repo.commit({"game.py": text})
    ping = Frame("/app/game.py", "ping", 2, context_line="    return pong(n + 1)")
    pong = Frame("/app/game.py", "pong", 6, context_line="    return ping(n + 1)")
    start = Frame("/app/game.py", "start", 10, context_line="    ping(0)")
    made = make_event(start, *((ping, pong) * 500), type="RecursionError")
    path = await locate(repo.path, made)
    assert len(path.frames) == 1001
    expected = expected_failure(made, path)
    assert expected is not None
    assert [point.qualname for point in expected.points] == ["start", "ping", "pong", "ping", "pong"]
    assert {item.points[-1].qualname for item in expected.alternatives} == {"ping"}


async def test_every_exception_of_a_chain_and_a_group_counts(repo: Any) -> None:
    repo.commit(PACKAGE)
    frames = crash()
    exceptions = (
        Raised("KeyError", "'B2'", frames=frames),
        Raised("OutOfStock", "B2", module="shop.errors", frames=frames[:2]),
    )
    when = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)
    made = Event("e", "test", when, exceptions=exceptions)
    expected = expected_failure(made, await locate(repo.path, made))
    assert expected is not None
    assert (expected.type, expected.points[-1].qualname) == ("shop.errors.OutOfStock", "Order.total")
    assert [(item.type, item.points[-1].qualname) for item in expected.alternatives] == [("KeyError", "price")]
    group = (
        Raised("ExceptionGroup", "2", frames=frames[:1], is_group=True),
        Raised("KeyError", "a", frames=frames, parent=0),
        Raised("ValueError", "b", frames=frames[:2], parent=0),
    )
    made = Event("e", "test", when, exceptions=group)
    expected = expected_failure(made, await locate(repo.path, made))
    assert expected is not None
    assert expected.type == "KeyError"
    assert {item.type for item in expected.alternatives} == {"ValueError", "ExceptionGroup"}


async def test_an_event_without_frames_or_exceptions(repo: Any, make_event: Make) -> None:
    repo.commit(PACKAGE)
    empty = Event("e", "test", datetime.datetime.now(datetime.UTC), message="log only")
    path = await locate(repo.path, empty)
    assert path.frames == ()
    assert expected_failure(empty, path) is None
    assert expected_failure(make_event(), await locate(repo.path, make_event())) is None


@pytest.mark.parametrize("state", ["no commits", "no repo"])
async def test_a_repo_that_cannot_be_read_keeps_the_stack(
    tmp_path: Path, repo: Any, make_event: Make, state: str
) -> None:
    folder = repo.path if state == "no commits" else tmp_path
    path = await locate(folder, make_event(*crash()))
    assert len(path.frames) == 3
    assert path.crash is None
    assert path.warnings
    with pytest.raises(TriageError):
        await locate_fast(folder, make_event(*crash()))


async def test_the_first_commit_is_no_strong_suspect(repo: Any, make_event: Make) -> None:
    repo.commit(PACKAGE)
    path = await locate(repo.path, make_event(*crash()))
    assert path.suspect is None or path.suspect.confidence <= 0.1


async def test_a_commit_younger_than_the_event_is_no_suspect(repo: Any, make_event: Make) -> None:
    repo.commit(PACKAGE, when="2026-01-01T12:00:00Z")
    late = repo.commit(
        {"src/shop/prices.py": PRICES.replace("sku)", "sku)") + "\n"}, "late", when="2026-08-01T12:00:00Z"
    )
    changed = repo.commit(
        {"src/shop/prices.py": "def price(sku, table):\n    return table[sku]  # why\n"},
        "later",
        when="2026-08-02T12:00:00Z",
    )
    path = await locate(repo.path, make_event(*crash()))
    assert path.suspect is None or path.suspect.commit not in (late, changed)


async def test_hostile_text_in_every_field(repo: Any, make_event: Make) -> None:
    repo.commit(PACKAGE)
    nasty = "\x1b]52;c;x\x07[bold]\n--upload-pack=sh $(id) \0 %s {} \u202e" + "A" * 20_000
    frames = [
        Frame(nasty, nasty, -5, abs_path=nasty, module=nasty, context_line=nasty, pre_context=(nasty,) * 3),
        Frame("", "", 0),
        Frame("src/shop/prices.py", "price", 2**63),
    ]
    path = await locate(repo.path, make_event(*frames, *crash(), release=nasty))
    assert [item.path is None for item in path.frames[:2]] == [True, True]
    assert path.crash is not None
