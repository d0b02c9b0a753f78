"""An event's stacks as lines: the crash first, libraries folded, causes and groups as a tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from triage.domain.code_path import CodePath, LocatedFrame, Match
from triage.domain.event import Event, Frame, Link, Raised
from triage.tui.glyphs import GLYPHS
from triage.tui.text import Clean, clean, width
from triage.tui.widgets.inked import Run
from triage.tui.widgets.line_view import BLANK, Line, line

MOST_EXCEPTIONS = 60
REPEATS = 3

_LINKS = {
    Link.CAUSE: "caused by",
    Link.CONTEXT: "while handling",
    Link.GROUP: "in the group",
    Link.UNKNOWN: "before that",
}


@dataclass(frozen=True, slots=True)
class FrameKey:
    """A frame of the stack: index of its exception, and of the frame in it."""

    exception: int
    frame: int


@dataclass(frozen=True, slots=True)
class FoldKey:
    """Frames `first` to `last` (exclusive) of an exception, shown as one line."""

    exception: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Stack:
    """The stacks of an event, with what the checkout says of each frame when it is known."""

    event: Event
    code_path: CodePath | None = None

    def frame(self, key: FrameKey) -> Frame:
        """The frame as it was sent."""
        return self.event.exceptions[key.exception].frames[key.frame]

    def located(self, key: FrameKey) -> LocatedFrame | None:
        """The frame on the checkout; None until that is known."""
        found = self._of(key.exception)
        return found[key.frame] if found is not None and key.frame < len(found) else None

    def _of(self, exception: int) -> tuple[LocatedFrame, ...] | None:
        if self.code_path is None:
            return None
        crash = self.crash_index
        if exception == crash:
            return self.code_path.frames
        others = [at for at in range(len(self.event.exceptions)) if at != crash]
        place = others.index(exception)
        return self.code_path.causes[place] if place < len(self.code_path.causes) else None

    @property
    def crash_index(self) -> int | None:
        """The index of the exception that is worth reading first."""
        crash = self.event.crash
        return next((at for at, item in enumerate(self.event.exceptions) if item is crash), None)

    def inside(self, key: FrameKey) -> bool:
        """Whether the frame is the program's own."""
        located = self.located(key)
        if located is not None and located.in_checkout:
            return True
        return self.frame(key).in_app is True

    def first(self) -> FrameKey | None:
        """The frame to start at: the crash's deepest own frame, else its deepest."""
        at = self.crash_index
        if at is None or not self.event.exceptions[at].frames:
            return None
        keys = [FrameKey(at, place) for place in range(len(self.event.exceptions[at].frames))]
        located = [key for key in keys if (found := self.located(key)) is not None and found.in_checkout]
        own = located or [key for key in keys if self.inside(key)]
        return (own or keys)[-1]

    def walk(self) -> list[FrameKey]:
        """The program's own frames in the order in which they are shown: of each exception from
        the crash up to its caller; all frames where none is the program's own. Of a recursion
        only the deepest frame is one to stop at."""
        order: list[FrameKey] = []
        for at, _, _ in self._tree():
            raised = self.event.exceptions[at]
            keys = [FrameKey(at, place) for place in range(len(raised.frames) - 1, -1, -1)]
            before: Frame | None = None
            for key in [key for key in keys if self.inside(key)] or keys[:1]:
                frame = self.frame(key)
                if before is None or not _same(frame, before):
                    order.append(key)
                before = frame
        return order

    def lines(self, cells: int, unfolded: frozenset[FoldKey] = frozenset(), libraries: bool = False) -> list[Line]:
        """All stacks. `unfolded` are the folds the user opened; `libraries` opens all of them."""
        if not self.event.exceptions:
            return [line((Clean(" no exception was sent, only a message"), "dim"))]
        lines: list[Line] = []
        for at, depth, words in self._tree():
            if lines:
                lines.append(BLANK)
            lines.append(self._heading(at, depth, words))
            lines += self._frames(at, depth, cells, unfolded, libraries)
        if self.code_path is not None:
            for warning in self.code_path.warnings[:10]:
                lines += [BLANK, line((Clean(f" {GLYPHS.warning} "), "warn"), (clean(warning, 300), "dim"))]
        return lines

    def _tree(self) -> Iterator[tuple[int, int, str]]:
        """Exceptions as (index, depth, how it hangs on the one above), the one raised last first."""
        exceptions = self.event.exceptions
        children: dict[int | None, list[int]] = {}
        for at, item in enumerate(exceptions):
            parent = item.parent if item.parent is not None and 0 <= item.parent < len(exceptions) else None
            children.setdefault(parent if parent != at else None, []).append(at)
        seen: set[int] = set()
        waiting = [(at, 0, "") for at in children.get(None, [])]
        while waiting and len(seen) < MOST_EXCEPTIONS:
            at, depth, words = waiting.pop()
            if at in seen:
                continue
            if seen and not words:
                words = _LINKS[exceptions[at].link]
            seen.add(at)
            yield at, depth, words
            # The stack of what is left: group members in their order, causes nearest first.
            below = children.get(at, [])
            waiting += [(child, depth + 1, _LINKS[exceptions[child].link]) for child in reversed(below)]
        for at in range(len(exceptions)):
            if at not in seen and len(seen) < MOST_EXCEPTIONS:
                seen.add(at)
                yield at, 0, "and"

    def _heading(self, at: int, depth: int, words: str) -> Line:
        raised = self.event.exceptions[at]
        indent = Clean("  " * min(depth, 6))
        sign = Clean(f"{GLYPHS.corner} " if depth else "")
        message = clean((raised.value.splitlines() or [""])[0], 300)
        runs: list[Run] = [(indent, "text"), (sign, "faint")]
        if words:
            runs.append((Clean(f"{words} "), "dim"))
        runs.append((clean(raised.type, 200), "bad" if at == self.crash_index else "warn"))
        if message:
            runs.append((Clean(f": {message}"), "text"))
        return line(*runs)

    def _frames(self, at: int, depth: int, cells: int, unfolded: frozenset[FoldKey], libraries: bool) -> Iterator[Line]:
        raised = self.event.exceptions[at]
        indent = Clean("  " * min(depth, 6))
        if not raised.frames:
            yield line((indent, "text"), (Clean("  no frames were sent"), "faint"))
        for first, last, why in self._runs(at, raised):
            key = FoldKey(at, first, last)
            if why and not libraries and key not in unfolded:
                number = last - first
                words = f"{number} {why}{'s' * (number != 1) if why.endswith('frame') else ''}"
                sign = Clean(f"  {GLYPHS.closed} ")
                yield line((indent, "text"), (sign, "faint"), (Clean(words), "faint"), key=key)
                continue
            for place in range(last - 1, first - 1, -1):
                yield self._frame_line(FrameKey(at, place), indent, cells)
        if raised.frames_omitted:
            yield line(
                (indent, "text"), (Clean(f"    {raised.frames_omitted} frames were left out by the sender"), "faint")
            )

    def _runs(self, at: int, raised: Raised) -> Iterator[tuple[int, int, str]]:
        """Frames from the deepest up, as (first, last, why they fold or "")."""
        last = len(raised.frames)
        start = self.first() if at == self.crash_index else None
        while last > 0:
            first = last - 1
            key = FrameKey(at, first)
            if not self.inside(key) and key != start:
                while first > 0 and not self.inside(FrameKey(at, first - 1)) and FrameKey(at, first - 1) != start:
                    first -= 1
                yield first, last, self._fold_word(at, first, last)
            else:
                frame = raised.frames[first]
                alike = first
                while alike > 0 and _same(raised.frames[alike - 1], frame):
                    alike -= 1
                yield first, last, ""
                if first - alike >= REPEATS:
                    yield alike, first, "more times the same"
                    first = alike
            last = first

    def _fold_word(self, at: int, first: int, last: int) -> str:
        known = [found for place in range(first, last) if (found := self.located(FrameKey(at, place))) is not None]
        own = [frame for frame in self.event.exceptions[at].frames[first:last] if frame.in_app]
        return "frame" if own or (known and all(item.note for item in known) and own) else "library frame"

    def _frame_line(self, key: FrameKey, indent: Clean, cells: int) -> Line:
        frame = self.frame(key)
        located = self.located(key)
        crashed = key == self.first()
        inside = self.inside(key)
        name = clean((located.qualname if located else None) or frame.function, 120)
        number = (located.release_line if located else None) or frame.lineno
        where = clean(f"{(located.path if located else None) or frame.path}:{number or '?'}", 300)
        mark: list[Run] = []
        if located is not None:
            mark = frame_mark(located)
        sign = GLYPHS.crash if crashed else " "
        runs: list[Run] = [(indent, "text"), (Clean(f"  {sign} "), "bad")]
        runs.append((name, "strong" if crashed else ("name" if inside else "dim")))
        runs.append((Clean("  "), "text"))
        taken = sum(width(text) for text, _ in runs) + sum(width(text) for text, _ in mark) + 2
        if mark and taken + 12 > cells:
            taken += 3 - sum(width(text) for text, _ in mark)
            mark = [(Clean(f"  {GLYPHS.no if located and not located.in_checkout else GLYPHS.arrow}"), mark[0][1])]
        room = max(12, cells - taken)
        runs.append((_tail(where, room), "dim" if inside else "faint"))
        return Line((*runs, *mark), key)


def frame_mark(located: LocatedFrame) -> list[Run]:
    """What to say of a frame that is not simply where it was."""
    match located.match:
        case Match.MISSING:
            return [(Clean("  not in checkout"), "warn" if located.frame.in_app else "faint")]
        case Match.MOVED:
            return [(Clean("  moved" if located.head_line is not None else "  gone at HEAD"), "warn")]
        case Match.AMBIGUOUS:
            return [(Clean("  ambiguous"), "warn")]
        case _:
            return [] if located.head_line is not None else [(Clean("  gone at HEAD"), "warn")]


def _same(one: Frame, other: Frame) -> bool:
    return one.path == other.path and one.function == other.function and one.lineno == other.lineno


def _tail(where: Clean, cells: int) -> Clean:
    if width(where) <= cells:
        return where
    from triage.tui.text import fit_end

    return fit_end(where, cells)
