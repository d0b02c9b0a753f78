"""The shapes that nearly all tracebacks in logs have, as patterns over bytes.

Each is a part of what `log_lines` and `log_cut` take for a traceback: where one of these
matches, those find the same lines.
"""

import re

from triage.sources.log_lines import MARKER, RECORD_START

GROUP_MARGIN = b"  + Exception Group "
_SEPARATOR = (
    rb"(?:The above exception was the direct cause of the following exception"
    rb"|During handling of the above exception, another exception occurred):"
)
RECORD = re.compile(RECORD_START.pattern.replace("$", r"(?=\r*(?:\n|\Z))").encode(), RECORD_START.flags & re.VERBOSE)
_RECORD = rb"(?x:" + RECORD.pattern + rb")"
_BLANK = rb"\n(?!\s*(?:The above exc|During hand))"
_START = re.escape(MARKER.encode()) + rb":\n"
NEXT = re.compile(_RECORD + rb"|" + _START + rb"|" + _BLANK + rb"|\Z")
"""What ends a traceback without a prefix: another record, another traceback, a blank line."""
AFTER_GROUP = re.compile(rb"[!-*,-{}~]|" + _BLANK + rb"|\Z")
_FURTHER = rb"(?=[!-~])(?!" + _RECORD + rb"|" + _SEPARATOR + rb"|[^\n]{0,4000}Traceback \()[^\n]{1,4000}\n"
TAIL = re.compile(rb"(?>" + _FURTHER + rb"){0,90}+(?=" + NEXT.pattern + rb")")
"""The further lines of a message."""
_FINAL = rb"(?!" + _RECORD + rb")(?:[A-Za-z_][\w.]{0,300}: [^\n]{0,4000}|(?:[a-z_][\w.]{0,300}\.)?[A-Z]\w{0,100})\n"


def block(prefix: bytes = b"", *, stamped: bool = False) -> re.Pattern[bytes]:
    """Matches one traceback, `prefix` (a pattern) before every line, up to what follows.

    Its lines are groups 1 and 2 (the further lines of its message), or 3 for ExceptionGroups.
    What follows may stand behind lines with other prefixes. `stamped`: every line has a time of
    its own, so that a message is one line.
    """
    p = rb"(?>" + prefix + rb")"
    one = p + _START + rb"(?>" + p + rb"  [^\n]{0,4000}\n){1,500}+" + p + _FINAL
    chain = rb"(?>" + p + rb"\n" + p + _SEPARATOR + rb"\n" + p + rb"\n" + one + rb")*+"
    margin = rb"(?>" + p + rb" {0,200}[|+][^\n]{0,4000}\n){1,2000}+"
    group = p + re.escape(GROUP_MARGIN) + _START + margin
    tail = rb"" if stamped else rb"(?>" + p + _FURTHER + rb"){0,90}+"
    others = rb"(?>(?!" + p + rb")[ -~\t]{0,4000}\n){0,50}+" if prefix else b""
    if not prefix:
        follows, after_group = NEXT.pattern, AFTER_GROUP.pattern
    else:
        follows, after_group = (
            rb"[!-~]" if stamped else rb"(?!\s*\n)(?:" + _START + rb"|" + _RECORD + rb")",
            rb"[!-*,-{}~]",
        )
    return re.compile(
        rb"(" + one + chain + rb")(" + tail + rb")" + others + rb"(?=\Z|" + p + rb"(?:" + follows + rb"))"
        rb"|(" + group + rb")" + others + rb"(?=\Z|" + p + rb"(?:" + after_group + rb"))"
    )
