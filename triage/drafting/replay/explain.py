"""Says why nothing reproduced: what was tried, what was missing, what came nearest, what to capture."""

import re

from triage.domain.verdict import ExpectedFailure, Verdict
from triage.drafting.replay.searching.search import Findings
from triage.drafting.replay.stack.scene import Kind, Scene

_NEAR = {
    Verdict.PASSED: "ran without an error",
    Verdict.WRONG_TYPE: "raised another error",
    Verdict.WRONG_FRAME: "raised the same error elsewhere",
    Verdict.SIGNATURE: "was refused at the call itself",
    Verdict.TIMEOUT: "did not end in time",
    Verdict.CHAIN_ONLY: "had the error only as a cause",
}


def why(findings: Findings, expected: ExpectedFailure, scene: Scene | None) -> str:
    """A few sentences; empty when something reproduced."""
    if findings.best is not None:
        return ""
    parts = [f"{findings.tried} candidates were tried and none failed as production did"]
    if findings.verdicts:
        counted = ", ".join(f"{name} {count}" for name, count in findings.verdicts.most_common(5))
        parts[0] += f" ({counted})"
    near = findings.nearest
    if near is not None:
        said = _NEAR.get(near.verdict, str(near.verdict))
        first = near.outcome.report.exceptions[0] if near.outcome.report.exceptions else None
        detail = f" ({first.type}: {first.message[:120]})" if first else ""
        parts.append(f"the nearest called {near.candidate.entry}, which {said}{detail}")
    lacking = list(dict.fromkeys(_lacking(reason) for reason, _ in findings.dead.most_common(8)))[:3]
    if lacking:
        parts.append(f"missing: {'; '.join(lacking)}")
    if scene is not None and scene.event.capture is None:
        valueless = not any(frame.variables for frame in scene.frames if frame.kind is Kind.REPO)
        advice = (
            "the event carries no values: switch on include_local_variables in the SDK, or better " if valueless else ""
        )
        parts.append(f"{advice}put the capture hook into the service (triage capture): it records typed values")
    return ". ".join(parts) + "."


def _lacking(reason: str) -> str:
    """Why a way to build a call led nowhere, without the search's own names for things."""
    if not reason.startswith(("no way to get ", "no further way to get ")):
        return reason
    words = [
        word for word in re.findall(r"[A-Za-z_]\w*", reason.partition(" to get ")[2]) if not word.startswith("opaque")
    ]
    name = next((word for word in reversed(words) if word not in ("pattern", "global")), "a value")
    return f"{name}: neither the event nor the repo says how it is made"
