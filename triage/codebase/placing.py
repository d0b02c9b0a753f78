"""Find a frame's line in the content of a file, and say how well it fits."""

from dataclasses import dataclass

from triage.codebase.source import MODULE, Scope, ScopeKind, SourceFile, lines_by_text, plain_name
from triage.domain.code_path import Match
from triage.domain.event import Frame

_CUT = ("...", "{snip}", "…")


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a frame lies in one file. `score` orders placements of the same frame: bigger fits
    better. `line` is None when the function was found but not the line."""

    match: Match
    line: int | None
    scope: Scope | None
    score: float
    note: str = ""


def place(frame: Frame, source: SourceFile, *, anchored: bool) -> Placement | None:
    """The frame in this file, None when the file is not the one.

    `anchored` says that the path alone speaks for the file; without it only content does.
    """
    wanted = (frame.context_line or "").strip()
    if wanted:
        return _by_context(frame, source, wanted, anchored)
    return _by_function(frame, source, anchored)


def _by_context(frame: Frame, source: SourceFile, wanted: str, anchored: bool) -> Placement | None:
    function = frame.function
    at_line = source.line(frame.lineno)
    support = _support(frame, source, frame.lineno) if frame.lineno else 0.0
    if frame.lineno and at_line is not None and same_line(at_line, wanted):
        scope = source.scope_at(frame.lineno, function)
        if support < 0.5 and _context_size(frame) >= 3:
            elsewhere = _moved(frame, source, wanted, anchored)
            if elsewhere and elsewhere.line and _support(frame, source, elsewhere.line) >= max(support + 0.3, 0.7):
                return elsewhere  # the same text by chance: its surroundings stand elsewhere
        if scope is not None and (anchored or _proven(frame, source, frame.lineno)):
            return Placement(Match.EXACT, frame.lineno, scope, 3 + support)
        if scope is None and (support >= 0.6 or not source.scopes[:-1]):
            note = f"no function {plain_name(function)} around this line" if source.scopes[:-1] else ""
            return Placement(Match.EXACT, frame.lineno, source.innermost(frame.lineno), 2.5 + support, note)
    best = _moved(frame, source, wanted, anchored)
    if best is not None:
        return best
    return _changed(frame, source, anchored)


def _moved(frame: Frame, source: SourceFile, wanted: str, anchored: bool) -> Placement | None:
    """The same line elsewhere: in the function by that name, else with its surroundings."""
    known = lines_by_text(source)
    hits = known.get(wanted, [])
    if not hits and wanted.endswith(_CUT):
        hits = sorted(number for text, numbers in known.items() if same_line(text, wanted) for number in numbers)
    if not hits or len(hits) > 2_000:
        return None
    ranked = []
    for number in hits:
        scope = source.scope_at(number, frame.function)
        support = _support(frame, source, number)
        inside = scope is not None and scope.name != MODULE
        at_module = scope is not None and scope.name == MODULE and source.innermost(number).name == MODULE
        if (inside or at_module) and (anchored or support >= 0.5):
            ranked.append((2.0 if inside else 1.5, support, number, scope))
        elif support >= 0.6 and _context_size(frame) >= 4:
            ranked.append((1.0, support, number, source.innermost(number)))
    if not ranked:
        return None
    near = frame.lineno or 0
    ranked.sort(key=lambda item: (-item[0], -item[1], abs(item[2] - near)))
    base, support, number, scope = ranked[0]
    rivals = [item for item in ranked[1:] if item[:2] == (base, support)]
    note = f"line {frame.lineno} then, {number} in this version"
    if rivals:
        note += f"; the same text also on line {rivals[0][2]}"
    return Placement(Match.MOVED, number, scope, base + support / 2, note)


def _changed(frame: Frame, source: SourceFile, anchored: bool) -> Placement | None:
    """The function is here but the line is not: it was changed, or this is another file."""
    if not anchored:
        return None
    scopes = [scope for scope in source.named(frame.function) if scope.kind is ScopeKind.FUNCTION]
    around = [text.strip() for text in (*frame.pre_context, *frame.post_context) if len(text.strip()) > 3]
    best: tuple[float, Scope] | None = None
    for scope in scopes:
        inside = {text.strip() for text in source.lines[max(scope.start - 6, 0) : scope.end + 5]}
        kept = sum(text in inside for text in around) / len(around) if around else 0.0
        if best is None or kept > best[0]:
            best = (kept, scope)
    if best is None or (around and best[0] < 0.4) or (not around and len(scopes) > 1):
        return None
    note = "the function is here, but its line was changed since"
    return Placement(Match.MOVED, None, best[1], 0.5 + best[0] / 4, note)


def _by_function(frame: Frame, source: SourceFile, anchored: bool) -> Placement | None:
    """Without source in the event only the function's name and the line number speak."""
    if not anchored:
        return None
    name = plain_name(frame.function)
    if frame.lineno is not None and source.line(frame.lineno) is not None:
        scope = source.scope_at(frame.lineno, name)
        if scope is not None and (name != MODULE or source.lines[frame.lineno - 1].strip()):
            return Placement(Match.EXACT, frame.lineno, scope, 2.0 if name != MODULE else 1.0)
    scopes = source.named(name)
    if len(scopes) == 1 and name != MODULE:
        note = "the function is here, but not on that line; the event holds no source to tell where"
        return Placement(Match.MOVED, None, scopes[0], 0.4, note)
    if not name or (name in ("?", "<unknown>") and frame.lineno and source.line(frame.lineno)):
        assert frame.lineno is not None
        return Placement(
            Match.EXACT, frame.lineno, source.innermost(frame.lineno), 0.6, "no function name in the event"
        )
    return None


def same_line(text: str, wanted: str) -> bool:
    """Equal but for surrounding blanks, or but for what the sender cut off."""
    stripped = text.strip()
    if stripped == wanted:
        return True
    for mark in _CUT:
        if wanted.endswith(mark) and len(wanted) > 40 and stripped.startswith(wanted.removesuffix(mark).rstrip()):
            return True
    return False


def _support(frame: Frame, source: SourceFile, line: int) -> float:
    """Which share of the surrounding lines of the event stands around `line`: 0 to 1."""
    hits = total = 0
    for offset, text in enumerate(reversed(frame.pre_context), 1):
        hits, total = _count(source, line - offset, text, hits, total)
    for offset, text in enumerate(frame.post_context, 1):
        hits, total = _count(source, line + offset, text, hits, total)
    return hits / total if total else 0.0


def _count(source: SourceFile, number: int, text: str, hits: int, total: int) -> tuple[int, int]:
    if len(text.strip()) < 2:
        return hits, total
    here = source.line(number)
    return hits + (here is not None and same_line(here, text.strip())), total + 1


def _context_size(frame: Frame) -> int:
    return sum(len(text.strip()) > 1 for text in (*frame.pre_context, *frame.post_context))


def _proven(frame: Frame, source: SourceFile, line: int) -> bool:
    """Is the content alone proof enough: most of at least three surrounding lines agree?"""
    return _context_size(frame) >= 3 and _support(frame, source, line) >= 0.7
