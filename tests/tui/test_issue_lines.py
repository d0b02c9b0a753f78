"""What the tabs of an issue say, made from values."""

import subprocess
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as some

from triage.domain.case import Case
from triage.domain.code_path import CodePath, LocatedFrame, Match, SuspectCommit
from triage.domain.event import Event, Frame, Json, Request
from triage.domain.fidelity import Fidelity
from triage.domain.following import Check, CheckState, Following
from triage.domain.issue import Issue, Status
from triage.domain.occurrence import STEPS, Occurrences, SeenIn, bucket_width, width_in_words
from triage.domain.publication import Publication
from triage.redact import redact_value
from triage.tui.issue_facts import Facts
from triage.tui.issue_header import header_lines
from triage.tui.issue_plot import releases
from triage.tui.issue_request import curl, redacted
from triage.tui.text import width
from triage.tui.wording import next_here

START = datetime(2026, 3, 1, tzinfo=UTC)
WORDS = some.text(max_size=30).filter(lambda text: "\x00" not in text)


def event() -> Event:
    return Event(id="1", source="t", occurred_at=START)


def arguments(command: str) -> list[str]:
    """What a shell makes of the command, without running curl."""
    script = "curl() { printf '%s\\0' \"$@\"; }\n" + command
    # As on the machines of most people; $'\u...' needs it.
    found = subprocess.run(["bash", "-c", script], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"})
    assert not found.stderr
    return found.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]


@settings(max_examples=40, deadline=None)
@given(WORDS, WORDS, some.lists(some.tuples(WORDS, WORDS), max_size=3), some.text(max_size=60))
def test_curl_sends_what_was_sent_whatever_strangers_wrote(
    method: str, url: str, headers: list[tuple[str, str]], body: str
) -> None:
    body = body.replace("\x00", "").encode("utf-8", "replace").decode()
    sent = Request(method=method, url=url, headers=tuple(headers), body=body)
    told = curl(sent)
    assert not any(ord(char) < 32 and char != "\n" for char in told)
    words = arguments(told)
    assert words[:5] == ["--globoff", "-X", method, "--url", url]
    assert words[-2:] == ["--data-raw", body]
    assert all(item == "-H" for item in words[5:-2:2])


def test_a_header_cannot_name_a_file_and_a_body_no_option() -> None:
    sent = Request(
        "POST", "http://x/[1-9]", headers=(("@/etc/passwd", ""), ("A", "1\n\x1b]52;c;x\x07")), body="@/etc/passwd"
    )
    words = arguments(curl(sent))
    assert "@/etc/passwd: " not in words
    assert "A: 1\n\x1b]52;c;x\x07" in words
    assert words[-2] == "--data-raw"


def test_secrets_are_replaced_by_name_and_by_looks() -> None:
    sent = Request(
        "GET",
        "https://api.example.org/x?token=sk_live_51H8abcdefGHIJKLmn",
        query=(("api_key", "hunter2hunter2"),),
        headers=(("Authorization", "Bearer abc.def.ghi"), ("Accept", "text/html")),
        cookies=(("session", "s3cr3t-c00kie-value"),),
        body={"password": "correct horse", "items": [1, 2]},
    )
    told = curl(redacted(sent, redact_value))
    for secret in (
        "sk_live_51H8abcdefGHIJKLmn",
        "hunter2hunter2",
        "abc.def.ghi",
        "s3cr3t-c00kie-value",
        "correct horse",
    ):
        assert secret not in told
    assert "Accept: text/html" in told
    assert '"items": [1, 2]' in told


def test_a_form_is_sent_as_a_form() -> None:
    body: Json = {"a": ["1", "2"], "b": "x y"}
    sent = Request("POST", "http://x", headers=(("Content-Type", "application/x-www-form-urlencoded"),), body=body)
    assert "a=1&a=2&b=x+y" in arguments(curl(sent))


@given(
    some.lists(some.integers(0, 5_000), min_size=1, max_size=150).filter(any),
    some.integers(24, 200),
    some.integers(3, 40),
    some.lists(some.tuples(some.text(min_size=1, max_size=20), some.integers(0, 100)), max_size=6),
)
def test_the_plot_fits_and_its_axis_is_honest(
    counts: list[int], cells: int, rows: int, named: list[tuple[str, int]]
) -> None:
    seen = Occurrences(
        START,
        3_600,
        tuple(counts),
        sum(counts),
        tuple(SeenIn(name, 1 + at, START + timedelta(hours=at), START + timedelta(hours=at)) for name, at in named),
    )
    lines = releases(Facts(event(), seen=seen), cells, rows)
    assert "the axis starts at 0" in lines[0].text
    bars = [item for item in lines if any(ink == "trend" for _, ink in item.runs)]
    assert bars
    for item in lines[1:]:
        for text, ink in item.runs:
            if ink == "trend":
                assert width(text) <= cells
    # The highest column reaches the top row, and an hour with anything at all is not blank.
    height = next(at for at, item in enumerate(lines) if item.text.lstrip().startswith("0"))
    fits = max(1, (cells - 7) // max(1, min(3, (cells - 7) // len(counts))))
    shown = counts[-fits:]
    if any(shown):
        assert lines[1].runs[-1][0].strip()
        lowest = lines[height - 1].runs[-1][0]
        wide = max(1, min(3, (cells - 7) // max(1, len(counts))))
        for place, number in enumerate(shown):
            cell = lowest[place * wide : place * wide + 1]
            assert (cell not in ("", " ")) == (number > 0)


@given(some.floats(0, 1e10), some.integers(2, 200))
def test_buckets_hold_the_whole_time(seconds: float, most: int) -> None:
    step = bucket_width(seconds, most)
    assert step * (most - 1) >= seconds or step > STEPS[-1]
    assert width_in_words(step)[0].isdigit()


def case(issue: Issue, **more: object) -> Case:
    """A case with a suspect, one frame in the checkout."""
    suspect = SuspectCommit("a1b2c3d4e5", "ana", "ana@example.org", START, "Prices by SKU", "last touched it", 0.7)
    crash = LocatedFrame(Frame("shop/cart.py", "total", 8), "shop/cart.py", Match.EXACT)
    path = CodePath((crash,), suspect=suspect)
    return Case(issue, event(), path, Fidelity.FULL, None, **more)  # type: ignore[arg-type]  # fields of Case


def issue(**more: object) -> Issue:
    values: dict[str, object] = {
        "id": 7, "short_id": "T-7", "title": "KeyError: 'sku'", "culprit": "shop/cart.py in total", "level": "error",
        "status": Status.UNRESOLVED, "count": 3, "first_seen": START, "last_seen": START,
    }  # fmt: skip
    return Issue(**{**values, **more})  # type: ignore[arg-type]  # fields of Issue


def test_the_header_says_in_words_where_it_stands_and_what_to_do_next() -> None:
    known = issue(regressed=True, last_release="1.4.2", covered=False, draft="REPRODUCED", publication="PR #12")
    lines = header_lines(known, None, case(known), 160, 6, "")
    sentence = "uncovered, regressed in 1.4.2, suspect a1b2c3d by ana, draft reproduces, PR #12 open, inputs: full"
    assert lines[1].text.strip() == sentence
    assert lines[-1].text.endswith("wait for the review: o opens the pull request, r shows its evidence")
    narrow = header_lines(known, None, case(known), 60, 4, "")
    assert len(narrow) == 4
    assert all(sum(width(text) for text, _ in item.runs) <= 60 for item in narrow[1:])


def test_what_to_do_next_follows_the_work() -> None:
    failed = Following(START, "open", checks=(Check("lint", CheckState.FAILED),))
    sent = Publication(1, 7, 1, "b", "c", "origin", START, number=12, following=failed)
    for known, more, told in (
        (issue(), {}, "d drafts a test"),
        (issue(covered=True), {}, "the existing ones miss it"),
        (issue(draft="WRONG_TYPE"), {}, "r reviews the draft: it does not fail as production did yet"),
        (issue(draft="PASSES"), {}, "then P opens the pull request"),
        (issue(publication="branch"), {}, "the branch is pushed"),
        (issue(publication="PR #12"), {"publications": (sent,)}, "a check of the pull request failed (lint)"),
        (issue(publication="PR #12 merged"), {}, "merged: it is resolved once"),
        (issue(publication="PR #12 closed"), {}, "still seen: d drafts again"),
        (issue(status=Status.RESOLVED), {}, "nothing to do"),
    ):
        assert told in next_here(known, case(known, **more))
    outside = Case(issue(), event(), CodePath(()), Fidelity.FULL, None)
    assert "path_map" in next_here(issue(), outside)
