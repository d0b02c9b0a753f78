"""Says why nothing reproduced: what was tried, what was missing, what came nearest, what to capture."""

from triage.domain.verdict import ExpectedFailure, Verdict
from triage.drafting.replay.scene import Kind, Scene
from triage.drafting.replay.search import Findings

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
    if findings.dead:
        missing = "; ".join(reason for reason, _ in findings.dead.most_common(3))
        parts.append(f"missing: {missing}")
    if scene is not None and not any(frame.variables for frame in scene.frames if frame.kind is Kind.REPO):
        parts.append("the event carries no values: switch on include_local_variables in the SDK")
    elif findings.dead or findings.tried:
        parts.append("more values come with larger sentry_sdk.serializer.MAX_DATABAG_BREADTH and MAX_DATABAG_DEPTH")
    return ". ".join(parts) + "."
