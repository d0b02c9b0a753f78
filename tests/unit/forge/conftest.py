"""Cases to write pull requests about."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from triage.domain.case import Case
from triage.domain.code_path import CodePath, LocatedFrame, Match
from triage.domain.draft import Draft, Strategy
from triage.domain.event import Event, Frame, Raised, Request
from triage.domain.fidelity import Fidelity
from triage.domain.issue import Issue, Status
from triage.domain.verdict import Evidence, Isolation, RunResult, Verdict

WHEN = datetime(2026, 11, 20, 3, 4, tzinfo=UTC)


@pytest.fixture
def make_case() -> Callable[..., Case]:
    """A case whose outside texts can be chosen."""

    def make(
        *,
        type: str = "KeyError",
        value: str = "'B2'",
        function: str = "price_of",
        qualname: str | None = "price_of",
        path: str = "shop/orders.py",
        release: str = "shop@1.4.2",
        title: str = "KeyError: 'B2'",
        url: str = "http://shop.local/orders",
        event_id: str = "0123456789abcdef0123456789abcdef",
        context_line: str = "return PRICES[sku]",
        missing: tuple[str, ...] = (),
    ) -> Case:
        frame = Frame(path, function, 41, in_app=True, context_line=context_line, variables={"sku": "'B2'"})
        located = LocatedFrame(frame, path, Match.EXACT, qualname=qualname, release_line=41, head_line=43)
        event = Event(
            id=event_id,
            source="ingest",
            occurred_at=WHEN,
            exceptions=(Raised(type, value, frames=(frame,)),),
            release=release,
            request=Request("GET", url, query=(("sku", "B2"), ("token", "tok_abc"))),
        )
        issue = Issue(
            id=12,
            short_id="T-12",
            title=title,
            culprit=f"{path} in {function}",
            level="error",
            status=Status.UNRESOLVED,
            count=1412,
            first_seen=WHEN,
            last_seen=WHEN,
            users=37,
            first_release=release,
            last_release=release,
        )
        return Case(issue, event, CodePath((located,), commit="a" * 40), Fidelity.REPR_ONLY, None, missing=missing)

    return make


@pytest.fixture
def make_draft() -> Callable[..., Draft]:
    """A draft by replay."""

    def make(
        path: str = "tests/test_orders.py",
        test_name: str = "test_price_of_unknown_sku",
        entry: str = "shop.orders.price_of",
    ) -> Draft:
        return Draft(3, 12, Strategy.REPLAY, path, "def test_x(): ...\n", test_name, WHEN, entry=entry)

    return make


@pytest.fixture
def make_evidence() -> Callable[..., Evidence]:
    """Reproduced before, and after the fix as asked."""

    def make(after: Verdict | None = Verdict.PASSES, why: str = "same type, frame and caller") -> Evidence:
        before = RunResult(Verdict.REPRODUCED, why, "HEAD", "b" * 40, Isolation.BUBBLEWRAP, 0.31, WHEN)
        fixed = after and RunResult(after, why, "fix/b2", "c" * 40, Isolation.BUBBLEWRAP, 0.29, WHEN)
        return Evidence(before, fixed or None, stable_runs=20)

    return make
