"""Writes `docs/keys.md` from the registry: `python -m triage.tui.keydocs [--check]`."""

from __future__ import annotations

import sys
from pathlib import Path

from triage.tui.actions import SCOPE_TITLES, SCREEN_SCOPES, in_scope
from triage.tui.keymap import RESERVED, Keymap, build_keymap, display

FILE = Path(__file__).parent.parent.parent / "docs" / "keys.md"

HEAD = """# Keys

Made from the registry of actions by `python -m triage.tui.keydocs`; a test fails when it is stale.

In the app, `?` (or `f1`) lists the keys of the screen one is on, searchable, and `ctrl+p` (or `:`)
finds an action by name. An action that cannot be done now stays visible and says why when its key
is pressed. Lists move with `j k` as with the arrows; a capital is the bigger version of the same verb;
`esc` goes back one step; Enter opens and never confirms anything that leaves the machine.

Change a key in `triage.toml` by the action's id, several keys separated by commas:

```toml
[keys]
"inbox.resolve" = "X"
"list.down" = "j, down, ctrl+n"
```

Unknown actions, unknown keys and two actions on one key are refused at start, with the fix named.
"""


def markdown() -> str:
    """The whole page."""
    keymap = build_keymap({})
    parts = [HEAD]
    for scope, title in SCOPE_TITLES.items():
        screens = [screen for screen, scopes in SCREEN_SCOPES.items() if scope in scopes and screen != "sheet"]
        where = f" (on {', '.join(screens)})" if scope in ("list", "find") else ""
        parts.append(f"\n## {title}{where}\n\n| keys | action | what it does |\n| --- | --- | --- |\n")
        parts += [_row(keymap, action.id) for action in in_scope(scope)]
    parts.append("\n## Keys that cannot be used\n\n| key | why |\n| --- | --- |\n")
    parts += [f"| `{display(key)}` | {why} |\n" for key, why in RESERVED.items()]
    return "".join(parts)


def _row(keymap: Keymap, name: str) -> str:
    from triage.tui.actions import BY_ID

    action = BY_ID[name]
    keys = " ".join(f"`{display(key)}`".replace("|", "\\|") for key in keymap.of(action))
    return f"| {keys} | `{action.id}` | {action.description} |\n"


def main(arguments: list[str]) -> int:
    """Write the page; with `--check` only say whether it is stale."""
    made = markdown()
    if "--check" in arguments:
        stale = not FILE.is_file() or FILE.read_text(encoding="utf-8") != made
        if stale:
            print("docs/keys.md is stale: python -m triage.tui.keydocs", file=sys.stderr)
        return int(stale)
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
