"""What is published says what happened, and nothing a stranger wrote works in it."""

import re
import subprocess
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from triage.domain.case import Case
from triage.domain.draft import Draft
from triage.domain.verdict import Evidence, Verdict
from triage.forge import markdown, text

HOSTILE = [
    "fixes #1, closes GH-2 and resolves acme/shop#3",
    "@acme/everyone please look, @ceo",
    "```\n</details><script>alert(1)</script>\n```",
    "[click](javascript:alert(1)) ![x](http://evil.example/p.png)",
    "\x1b]52;c;ZXZpbA==\x07\x1b[31mred\x1b[0m \u202eevil\u2066",
    "| a | b |\n|---|---|\n| `1` | ``2`` |",
    "\n\nTriage-Verdict-After: PASSES @ evil\nCo-authored-by: Evil <evil@example.com>\n",
    "fixes https://github.com/acme/shop/issues/1 [skip ci]",
    "`" * 50,
    "<!-- --> &lt;b&gt; <details>",
    "password=hunter2 token ghp_abcdefABCDEF0123456789abcdef012345",
]


def rendered(source: str) -> str:
    html: str = MarkdownIt("commonmark", {"html": True}).enable("table").render(source)
    return html


def outside_code(html: str) -> str:
    return re.sub(r"<code[^>]*>.*?</code>", "", html, flags=re.DOTALL)


def test_the_body_says_what_failed_where_how_often_since_when_and_how_to_run_it(
    make_case: Callable[..., Case], make_draft: Callable[..., Draft], make_evidence: Callable[..., Evidence]
) -> None:
    body = text.pull_body(make_case(), make_draft(), make_evidence(), base="main", link="https://sentry.example/i/12")
    for wanted in (
        "KeyError: 'B2'",
        "`shop/orders.py:43` in `price_of`",
        "1,412 times, 37 users",
        "`shop@1.4.2`",
        "**REPRODUCED**",
        "**PASSES**",
        "bubblewrap",
        "repr only",
        "python -m pytest tests/test_orders.py::test_price_of_unknown_sku",
        "[`T-12`](<https://sentry.example/i/12>)",
        "Repeated 20 times",
    ):
        assert wanted in body
    assert "tok_abc" not in body  # the query string of the request had it


def test_a_draft_without_proof_says_so(
    make_case: Callable[..., Case], make_draft: Callable[..., Draft], make_evidence: Callable[..., Evidence]
) -> None:
    assert "not been shown to fail" in text.pull_body(make_case(), make_draft(), Evidence())
    unfixed = text.pull_body(make_case(), make_draft(), make_evidence(after=None), base="main")
    assert "stays red on `main` until the bug is fixed" in unfixed


@pytest.mark.parametrize("evil", HOSTILE)
def test_nothing_from_the_event_works_in_the_body(
    evil: str, make_case: Callable[..., Case], make_draft: Callable[..., Draft], make_evidence: Callable[..., Evidence]
) -> None:
    case = make_case(
        type=evil, value=evil, function=evil, qualname=evil, path=evil, release=evil, title=evil, url=evil,
        event_id=evil, context_line=evil, missing=(evil,),
    )  # fmt: skip
    body = text.pull_body(case, make_draft(evil, evil, evil), make_evidence(why=evil), base=evil, link=evil)
    bare = outside_code(rendered(body))
    assert "<script" not in bare
    assert "<img" not in bare
    assert "<a " not in bare
    assert not re.search(r"@\w|#\d|GH-\d|acme/shop", bare)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", body)
    assert "hunter2" not in body
    assert "ghp_abcdef" not in body
    ours = ["What failed", "What the test proves", "The test"]
    assert re.findall(r"<h2>(.*?)</h2>", bare) == ours
    assert bare.count("<table>") == 1
    assert "<details" not in bare


@pytest.mark.parametrize("evil", HOSTILE)
def test_commit_and_title_hold_no_command_for_the_forge(
    evil: str, make_case: Callable[..., Case], make_draft: Callable[..., Draft], make_evidence: Callable[..., Evidence]
) -> None:
    case = make_case(type=evil, value=evil, function=evil, qualname=evil, release=evil, title=evil, event_id=evil)
    message = text.commit_message(case, make_draft(evil, evil, evil), make_evidence(), link=evil)
    title = text.pull_title(case)
    for said in (message, title):
        assert not re.search(r"(?<!\w)@\w|#\d|\[skip|://", said)
        assert "hunter2" not in said
    assert "\n" not in title
    assert len(title) <= 256
    trailers = subprocess.run(
        ["git", "interpret-trailers", "--parse"], input=message, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    names = [line.partition(":")[0] for line in trailers]
    assert all(name.startswith("Triage-") for name in names)
    assert names.count("Triage-Verdict-After") == 1
    assert f"Triage-Verdict-After: {Verdict.PASSES} @ {'c' * 12}" in trailers


def test_the_commit_ties_the_test_to_where_it_comes_from(
    make_case: Callable[..., Case], make_draft: Callable[..., Draft], make_evidence: Callable[..., Evidence]
) -> None:
    message = text.commit_message(make_case(), make_draft(), make_evidence())
    assert message.startswith("Add regression test for KeyError in price_of\n\n")
    for line in ("Triage-Issue: T-12", "Triage-Release: shop@1.4.2", "Triage-Draft: replay revision 3",
                 "Triage-Verdict-Before: REPRODUCED @ bbbbbbbbbbbb", "Triage-Isolation: bubblewrap"):  # fmt: skip
        assert line in message.splitlines()
    assert re.search(r"^Triage-Inputs-SHA256: [0-9a-f]{64}$", message, re.MULTILINE)


def test_the_inputs_hash_changes_with_the_inputs_only(make_case: Callable[..., Case]) -> None:
    one, same, other = make_case(), make_case(title="x", release="y"), make_case(url="http://else/")
    assert text.inputs_sha256(one.event) == text.inputs_sha256(same.event) != text.inputs_sha256(other.event)


def test_branch_names_are_stable_and_short(make_case: Callable[..., Case]) -> None:
    issue = make_case(title="KeyError: 'B2' in the Överflow/../ of ~^:?*[ @{ things that go on and on").issue
    name = text.branch_name(issue)
    assert name == text.branch_name(issue) == "triage/t-12-keyerror-b2-in-the-overflow-of-things"
    assert text.branch_name(make_case(title="日本語").issue) == "triage/t-12-regression"


@given(st.text(max_size=300))
def test_any_title_makes_a_branch_name_that_git_accepts(title: str) -> None:
    slug = text._slug(title)
    assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", slug)
    assert len(slug) <= text.MAX_SLUG


@given(st.text(max_size=200))
def test_any_text_stays_in_its_code_span(outside: str) -> None:
    assert outside_code(rendered(f"a {markdown.code_span(outside)} b")) in (
        "<p>a  b</p>\n",
        "<p>a <em>(empty)</em> b</p>\n",
    )


@given(st.text(alphabet="`~\n a<>|#@\\", max_size=120))
def test_any_text_stays_in_its_block(outside: str) -> None:
    html = rendered(f"{markdown.code_block(outside)}\n\nafter")
    assert outside_code(html).endswith("<p>after</p>\n")
    assert html.count("<pre>") == 1


@given(st.text(alphabet="fixesclored:#@GH-12 /[skip]ci\n", max_size=80))
def test_bare_text_holds_no_reference(outside: str) -> None:
    line = markdown.bare(outside)
    assert "\n" not in line
    assert not re.search(r"#\d|(?i:\bGH-\d)|(?<![A-Za-z0-9])@[A-Za-z0-9]", line)
