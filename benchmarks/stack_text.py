"""Prints an SDK event as the traceback that a log would hold: one line of source a frame, no values."""

import re
from collections.abc import Mapping
from typing import Any

LINKS = {
    "__cause__": "\nThe above exception was the direct cause of the following exception:\n",
    "__context__": "\nDuring handling of the above exception, another exception occurred:\n",
}


def traceback_text(payload: Mapping[str, Any]) -> str:
    """The traceback as Python 3.11 prints it, innermost cause first; recursion is folded as Python does."""
    parts: list[str] = []
    for at, raised in enumerate(payload["exception"]["values"]):
        if at:
            source = (payload["exception"]["values"][at - 1].get("mechanism") or {}).get("source")
            parts.append(LINKS.get(str(source), LINKS["__context__"]))
        parts.append("Traceback (most recent call last):")
        parts += _frames((raised.get("stacktrace") or {}).get("frames") or ())
        kind = str(raised["type"])
        module = raised.get("module")
        name = kind if not module or module == "builtins" else f"{module}.{kind}"
        value = str(raised.get("value") or "")
        parts.append(f"{name}: {value}" if value else name)
    return "\n".join(parts) + "\n"


def _frames(frames: Any) -> list[str]:
    lines: list[str] = []
    last, count = None, 0
    for frame in frames:
        function = re.sub(r".*\.(?=[^.<>]+$|<)", "", str(frame.get("function") or "<module>"))
        key = (frame.get("abs_path"), frame.get("lineno"), function)
        count = count + 1 if key == last else 1
        last = key
        if count > 3:
            if lines and lines[-1].startswith("  [Previous line"):
                lines.pop()
            lines.append(f"  [Previous line repeated {count - 3} more times]")
            continue
        lines.append(f'  File "{frame.get("abs_path")}", line {frame.get("lineno")}, in {function}')
        if context := str(frame.get("context_line") or "").strip():
            lines.append(f"    {context}")
    return lines
