"""What a customer said about an issue: a ticket, in the parts that matter for a test."""

import re
from dataclasses import dataclass
from datetime import datetime

from triage.domain.outside import printable

MOST = 20_000
"""Characters kept of each part."""

_HEADING = re.compile(r"^\s{0,3}(?:#{1,6}\s*|\*\*|__)?([^\n:*_#]{3,60}?)(?:\*\*|__)?\s*:?\s*(?:\*\*|__)?\s*$")
_INLINE = re.compile(
    r"^\s{0,3}(?:[-*]\s+)?(?:\*\*|__)?([A-Za-z][^\n:*_#]{2,40}?)(?:\*\*|__)?\s*:\s*(?:\*\*|__)?\s*(\S.*)$"
)
_NAMES = {
    "type": ("type", "incident type", "kind", "category", "severity"),
    "impact": ("impact", "customer impact", "business impact", "affected", "who is affected"),
    "steps": (
        "steps", "steps to reproduce", "reproduction", "reproduction steps", "how to reproduce", "to reproduce",
        "reproduce",
    ),
    "environment": ("environment", "system", "platform", "versions", "setup", "environment details"),
}  # fmt: skip
_PART_OF = {name: part for part, names in _NAMES.items() for name in names}


@dataclass(frozen=True, slots=True)
class ReportText:
    """The parts of a report; "" for what was not said. `text` is all that is in no other part."""

    text: str = ""
    type: str = ""
    impact: str = ""
    steps: str = ""
    environment: str = ""

    @property
    def empty(self) -> bool:
        return not (self.text or self.type or self.impact or self.steps or self.environment)


@dataclass(frozen=True, slots=True)
class Report:
    """A report linked to an issue. `who` added it at `added_at`; `source` says where it came from."""

    id: int
    issue_id: int
    added_at: datetime
    who: str
    said: ReportText
    source: str = ""

    @property
    def title(self) -> str:
        """Its first words."""
        for text in (self.said.text, self.said.impact, self.said.steps, self.said.type, self.said.environment):
            first = next((line.strip("#*_ \t") for line in text.splitlines() if line.strip("#*_ \t")), "")
            if first:
                return first[:200]
        return "(empty)"


def read_report(text: str) -> ReportText:
    """A ticket's text in parts: what stands under a heading such as "Steps to reproduce", or on
    a line such as "Impact: ..." goes where it belongs, the rest stays in `text`. Never raises."""
    parts: dict[str, list[str]] = {"text": [], **{name: [] for name in _NAMES}}
    current = "text"
    for line in printable(text[: 4 * MOST]).splitlines():
        heading = _HEADING.match(line) if len(line) < 120 else None
        if heading and (part := _PART_OF.get(_plain(heading[1]))):
            current = part
            continue
        inline = _INLINE.match(line) if len(line) < 2_000 else None
        if inline and (part := _PART_OF.get(_plain(inline[1]))):
            parts[part].append(inline[2].strip())
            current = part if part == "steps" else "text"
            continue
        if heading and line.lstrip().startswith("#"):
            current = "text"
        parts[current].append(line)
    made = {name: "\n".join(lines).strip()[:MOST] for name, lines in parts.items()}
    return ReportText(**made)


def _plain(name: str) -> str:
    return " ".join(name.lower().split())
