"""Reads the probe's signed lines and makes one report of facts out of them."""

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import cast

from triage.domain.event import Json
from triage.domain.verdict import FailurePoint, RunReport, SeenException

PREFIX = b"triage-probe "
MOST_BYTES = 16 * 1024 * 1024
_USAGE_ERROR = 4
_COMPLAINTS = ("error", "e  ", "importerror", "internalerror")


@dataclass
class Facts:
    """What the lines said, in their order. `forged` counts lines that the probe did not sign."""

    items: list[Mapping[str, Json]] = field(default_factory=list)
    forged: int = 0

    def of(self, kind: str) -> list[Mapping[str, Json]]:
        return [item for item in self.items if item.get("kind") == kind]


def read_facts(data: bytes, key: bytes) -> Facts:
    """Check and parse what came over the channel. Never raises, whatever a draft wrote there."""
    facts = Facts()
    for line in data[:MOST_BYTES].split(b"\n"):
        if not line:
            continue
        signature, _, body = line.removeprefix(PREFIX).partition(b" ")
        proof = blake2b(body, key=key, digest_size=16).hexdigest().encode()
        if not line.startswith(PREFIX) or not hmac.compare_digest(proof, signature):
            facts.forged += 1
            continue
        item = json.loads(body)
        if not isinstance(item, dict) or item.get("seq") != len(facts.items):
            facts.forged += 1
            continue
        facts.items.append(item)
    return facts


def make_report(
    facts: Facts,
    *,
    changed_files: Sequence[str],
    timed_out: bool,
    flooded: bool,
    code: int,
    seconds: float,
    output: str,
    notes: Sequence[str] = (),
    tampered: Sequence[str] = (),
) -> RunReport:
    """One report from the facts, the process's end and what it changed."""
    finished = bool(facts.of("finished") or facts.of("syntax") or facts.of("no-pytest"))
    phase, outcome, exceptions = _ending(facts)
    trouble = _trouble(facts, code, output)
    denied = [str(item["what"]) for item in facts.of("denied")]
    if facts.forged:
        denied.append("the draft wrote to the probe's report channel")
    killed = not finished and not timed_out
    if flooded:
        trouble = "it printed more than 32 MB"
    elif killed:
        trouble = f"signal {code - 128}" if code > 128 else f"signal {-code}" if code < 0 else f"exit code {code}"
    ran = facts.of("functions")[-1] if facts.of("functions") else {}
    foreign = facts.of("foreign")[-1] if facts.of("foreign") else {}
    entered = _numbers(ran.get("ran"))
    return RunReport(
        phase=phase,
        outcome=outcome,
        exceptions=exceptions,
        crash_function_ran=bool(facts.of("functions") and _last_point(facts) in entered),
        denied=tuple(denied),
        foreign_modules=tuple(str(item) for item in cast(list[Json], foreign.get("modules", []))),
        changed_files=tuple(changed_files),
        timed_out=timed_out,
        killed=killed,
        assertions_reached=not killed and not timed_out,
        seconds=seconds,
        output=output,
        functions_ran=entered,
        functions_missing=_numbers(ran.get("missing")),
        trouble=trouble,
        settings_failed=_settings_failed(facts, code),
        notes=tuple(notes),
        code_ran=tuple((str(path), str(name)) for path, name in cast(list[tuple[Json, Json]], ran.get("code", []))),
        tampered=(*tampered, *(str(item["what"]) for item in facts.of("tampered"))),
    )


def _last_point(facts: Facts) -> int:
    return int(cast(int, facts.of("functions")[-1].get("count", 0))) - 1


def _numbers(value: Json) -> tuple[int, ...]:
    return tuple(int(item) for item in value if isinstance(item, int)) if isinstance(value, list) else ()


def _ending(facts: Facts) -> tuple[str, str, tuple[SeenException, ...]]:
    """Phase and outcome of the test; of several phases the first that did not pass."""
    if found := facts.of("syntax") or facts.of("no-pytest"):
        return "collect", "none", _exceptions(found[0])
    phases = facts.of("phase")
    for item in phases:
        if item.get("xfail"):
            return "call", "skipped", ()
        if item["outcome"] != "passed":
            return str(item["phase"]), str(item["outcome"]), _exceptions(item)
    if found := facts.of("interrupted"):
        return "call", "failed", _exceptions(found[0])
    if any(item["phase"] == "call" for item in phases):
        return "call", "passed", ()
    if reached := facts.of("at"):
        return str(reached[-1]["phase"]), "none", ()
    if found := facts.of("collect") or facts.of("settings"):
        return "collect", "none", _exceptions(found[0])
    return "", "none", ()


def _settings_failed(facts: Facts, code: int) -> bool:
    """Whether pytest gave up before it looked at the test: settings, conftest files, options."""
    if facts.of("phase") or facts.of("at") or facts.of("collect") or facts.of("syntax") or facts.of("no-pytest"):
        return False
    return bool(facts.of("settings")) or (code == _USAGE_ERROR and not facts.of("collected"))


def _trouble(facts: Facts, code: int, output: str) -> str:
    if facts.of("syntax"):
        return "syntax"
    if facts.of("no-pytest"):
        return "pytest is not installed for this interpreter, or does not import"
    if facts.of("phase") or facts.of("collect"):
        return ""
    if found := facts.of("settings"):
        first = _exceptions(found[0])[0]
        return f"{first.type}: {first.message}"[:300]
    said = [
        line.strip()
        for line in output.splitlines()
        if line.lower().lstrip().startswith(_COMPLAINTS) or ": error: " in line
    ]
    telling = [line for line in said if "usage:" not in line]
    if telling or said:
        return (telling or said)[0][:300]
    return "pytest did not accept its options" if code == _USAGE_ERROR else ""


def _exceptions(item: Mapping[str, Json]) -> tuple[SeenException, ...]:
    return tuple(_exception(cast(Mapping[str, Json], one)) for one in cast(list[Json], item["exceptions"]))


def _exception(one: Mapping[str, Json]) -> SeenException:
    points = tuple(
        FailurePoint(str(path), str(name), str(line), number if isinstance(number, int) else None)
        for path, name, line, number in cast(list[tuple[Json, Json, Json, Json]], one["points"])
    )
    return SeenException(
        type=str(one["type"]),
        message=str(one["message"]),
        points=points,
        link=str(one["link"]),
        mro=tuple(str(item) for item in cast(list[Json], one["mro"])),
        deepest_in_test=bool(one["deepest_in_test"]),
        signature=bool(one["signature"]),
        injected=str(one["injected"]),
        refused=str(one["refused"]),
        forged=str(one.get("forged", "")),
    )
