"""An issue with all that one screen shows of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from triage.domain.code_path import CodePath, CoveringTest
from triage.domain.draft import Draft
from triage.domain.event import Event
from triage.domain.fidelity import Fidelity
from triage.domain.issue import Issue
from triage.domain.publication import Publication
from triage.domain.verdict import Evidence, ExpectedFailure


@dataclass(frozen=True, slots=True)
class Case:
    """`expected` is None when no frame of the event lies in the checkout."""

    issue: Issue
    event: Event
    code_path: CodePath
    fidelity: Fidelity
    expected: ExpectedFailure | None
    covering: tuple[CoveringTest, ...] = ()
    drafts: tuple[Draft, ...] = ()
    evidence: Mapping[int, Evidence] = field(default_factory=dict)
    publications: tuple[Publication, ...] = ()
    missing: tuple[str, ...] = ()
