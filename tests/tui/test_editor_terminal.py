"""`$EDITOR` in a real terminal: it gets the screen, we get it back whatever becomes of the editor."""

import stat
import sys
from pathlib import Path

import pytest

from tests.tui.drafts import Shop
from tests.tui.pty_ground import Terminal, app_in_terminal
from triage.tui import editor

BODY = """#!{python}
import os, signal, sys, termios, time, tty
file = sys.argv[-1]
modes = termios.tcgetattr(0)
tty.setraw(0) if {raw} else None
sys.stdout.write("\\x1b[?1049h\\x1b[?1000h\\x1b[?1006h\\x1b[?2004h\\x1b[?25l\\x1b[2J\\x1b[H")
sys.stdout.write("EDITING " + " ".join(sys.argv[1:-1]))
sys.stdout.flush()
if {how!r} == "interrupts":
    signal.signal(signal.SIGINT, lambda *_: print("heard", flush=True))
key = os.read(0, 1)
with open(file, "a") as text:
    text.write("# from the editor\\n")
if {how!r} == "dies":
    os.kill(os.getpid(), signal.SIGKILL)
if {how!r} == "fails":
    os._exit(3)
termios.tcsetattr(0, termios.TCSADRAIN, modes)
sys.stdout.write("\\x1b[?1000l\\x1b[?1006l\\x1b[?2004l\\x1b[?1049l\\x1b[?25h")
"""


def script(folder: Path, name: str, how: str) -> Path:
    """An editor by that name."""
    file = folder / name
    file.write_text(BODY.format(python=sys.executable, how=how, raw=how != "interrupts"))
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


def opened(shop: Shop, editor: str) -> Terminal:
    shop.draft()
    shop.workspace.close()
    assert shop.workspace.config.store
    return app_in_terminal(shop.repo, shop.workspace.config.store, "--no-ingest", VISUAL=editor)


def to_the_editor(terminal: Terminal) -> None:
    terminal.sees("1 issue")
    terminal.press("\r")
    terminal.sees("r reviews the draft", "last touched")
    terminal.press("r")
    terminal.sees("not run yet: r")
    terminal.press("\r")
    terminal.sees("edit draft 1", "def test_checkout")
    terminal.press("\x07")


@pytest.mark.parametrize(("name", "how"), [("vim", "ends"), ("nano", "dies"), ("vim", "fails"), ("ne", "interrupts")])
def test_the_terminal_is_ours_again_however_the_editor_ends(shop: Shop, tmp_path: Path, name: str, how: str) -> None:
    with opened(shop, str(script(tmp_path, name, how))) as terminal:
        to_the_editor(terminal)
        terminal.sees("EDITING +6")
        if how == "interrupts":
            terminal.press("\x03")
            terminal.sees("heard")
            terminal.press("x\n")
        else:
            terminal.press("x")
        terminal.sees("edit draft 1", "# from the editor", "changed")
        terminal.press("#")  # keys arrive again
        terminal.press("\x1b")
        terminal.sees("human of 1")
        terminal.until(lambda: terminal.ended_after("\x11"), "the end")
        assert terminal.code == 0
        assert terminal.modes_now() == terminal.modes
        assert not terminal.screen.cursor.hidden
        assert terminal.raw.rindex(b"\x1b[?1000l") > terminal.raw.rindex(b"\x1b[?1000h")


def test_an_editor_that_cannot_be_started_is_said(shop: Shop, tmp_path: Path) -> None:
    broken = tmp_path / "vim"
    broken.write_text("#!/nowhere/at/all\n")
    broken.chmod(0o755)
    with opened(shop, str(broken)) as terminal:
        to_the_editor(terminal)
        terminal.sees("cannot start", "def test_checkout")
        terminal.press("\x11")
        terminal.wait()
        assert terminal.code == 0


def test_a_quote_that_does_not_end_is_said(monkeypatch: pytest.MonkeyPatch, shop: Shop) -> None:
    monkeypatch.setenv("VISUAL", "vim 'oops")
    assert "VISUAL cannot be read" in (editor.unavailable(shop.app()) or "")


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["vim"], ["vim", "+7", "/x/a.py"]),
        (["nano", "-l"], ["nano", "-l", "+7", "/x/a.py"]),
        (["code", "--wait"], ["code", "--wait", "--goto", "/x/a.py:7"]),
        (["hx"], ["hx", "/x/a.py:7"]),
        (["subl", "-w"], ["subl", "-w", "/x/a.py:7"]),
        (["/opt/my/ed"], ["/opt/my/ed", "/x/a.py"]),
    ],
)
def test_every_editor_is_told_the_line_in_its_own_way(words: list[str], wanted: list[str]) -> None:
    assert editor.at_line(words, Path("/x/a.py"), 7) == wanted
