"""The terminal app: wires the workspace, the screens and the jobs together."""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.screen import Screen

from triage import paths
from triage.errors import TriageError
from triage.tui import theme
from triage.tui.following import EVERY, Follower
from triage.tui.inks import Palette
from triage.tui.jobs import Jobs, Lane
from triage.tui.keymap import build_keymap
from triage.tui.messages import DraftRequested, IssuesChanged, ReviewRequested, Said
from triage.tui.plain_bars import border_kinds, plain_bars
from triage.tui.quitting import Quits
from triage.tui.screens.base import TriageScreen, literal_message
from triage.tui.screens.inbox import InboxScreen
from triage.tui.survive import OutlivesMistakes, Survives
from triage.tui.typed import TakesKeys
from triage.tui.writing import Writes, colourless, over_ssh

if TYPE_CHECKING:
    from triage.services.intake import IngestProcess
    from triage.services.workspace import Workspace

LOG = logging.getLogger("triage.tui")
GC_THRESHOLD = 50_000
SWITCH = 0.001


class TriageApp(Survives, OutlivesMistakes, Writes, TakesKeys, Quits, inherit_bindings=False):
    """The app over one workspace. Raises UsageError for keys that cannot work.

    `start_ingest` starts the ingest server as a process of its own once the first rows are
    on screen.
    """

    # Textual does not load the style sheet of a screen that it starts with.
    CSS_PATH: ClassVar = [paths.styles_dir() / "tokens.tcss", paths.styles_dir() / "inbox.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = []
    ENABLE_COMMAND_PALETTE = False
    TITLE = "triage"
    NOTIFICATION_TIMEOUT = 8

    def __init__(self, workspace: Workspace, *, start_ingest: bool = True) -> None:
        super().__init__()
        self.workspace = workspace
        self.keys = build_keymap(workspace.config.keys)
        self.remote = workspace.config.remote == "on"
        self.jobs = Jobs(self._jobs_changed)
        self.lane = Lane("queries")
        self.follower = Follower(self)
        self.ingest: IngestProcess | None = None
        self.ingest_error: TriageError | None = None
        self._start_ingest = start_ingest
        self.ingest_starting = start_ingest
        self.me: str | None = None
        self.fixes: dict[int, str] = {}  # which ref has an issue's fix, as somebody said; "": none
        self.claude_reason: str | None = "still starting"
        self._log_to_file()
        plain_bars()
        self._palettes: dict[str, Palette] = {}
        self.set_keymap(self.keys.overrides)
        for own in theme.OWN:
            self.register_theme(own)
        # Without colours what is chosen has to be reversed, as with the terminal's own.
        self.theme, self._theme_trouble = theme.choose("ansi-dark" if colourless() else workspace.config.theme)

    def _log_to_file(self) -> None:
        """What is logged goes to our log file: on the terminal it would tear the screen."""
        logger = logging.getLogger("triage")
        if not logger.handlers:
            file = paths.log_file()
            file.parent.mkdir(parents=True, exist_ok=True)
            handler = logging.FileHandler(file, encoding="utf-8", delay=True)
            handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
            logger.addHandler(handler)
            logger.propagate = False

    @property
    def palette(self) -> Palette:
        """The inks of the theme in force."""
        name = f"{self.theme} {self.native_ansi_color}"
        if name not in self._palettes:
            variables = self.current_theme.to_color_system().generate()
            colours = {"256": 256, "standard": 16, "windows": 16}.get(self.console.color_system or "", 1 << 24)
            self._palettes[name] = Palette(
                variables, own=self.native_ansi_color, colours=colours, dark=self.current_theme.dark
            )
        return self._palettes[name]

    @property
    def bound_keys(self) -> Collection[tuple[str, ...]]:
        """All keys that do something."""
        return self.keys.keys.values()

    def get_css_variables(self) -> dict[str, str]:
        return {**border_kinds(), **theme.with_rules(super().get_css_variables())}

    def get_default_screen(self) -> Screen[None]:
        return InboxScreen()

    def on_ready(self) -> None:
        self.remember_outsiders()
        # What exists now lives as long as the app: the collector need not look at it again,
        # nor run in the middle of a key press.
        gc.collect()
        gc.freeze()
        gc.set_threshold(GC_THRESHOLD, 20, 50)
        # Jobs compute in another thread: let a key press have the interpreter sooner.
        sys.setswitchinterval(SWITCH)
        self.animation_level = "none"
        if self._theme_trouble:
            self.post_message(Said(self._theme_trouble, warning=True))
        elif self.workspace.config.remote == "suggest" and over_ssh():
            self.post_message(Said("over SSH: --remote sends fewer bytes (TRIAGE_REMOTE=1 or 0 settles it)"))
        self._soon(self._listen)
        self._soon(self._who)
        self._soon(self._warm)
        self._soon(self.follower.look_at_all)
        self.set_interval(EVERY, lambda: self._soon(self.follower.look_at_all))

    # What can wait until the first rows are on screen:

    async def _listen(self) -> None:
        """Start the ingest server."""
        if not self._start_ingest:
            return

        def start() -> IngestProcess:
            from triage.services.intake import start_ingest

            return start_ingest(self.workspace)

        try:
            self.ingest = await Lane("ingest").run(start)
        except TriageError as error:
            self.ingest_error = error
        except Exception:
            LOG.exception("ingest did not start")
            self.ingest_error = TriageError("the ingest server did not start", "", f"see {paths.log_file()}")
        self.ingest_starting = False
        self._retell()

    async def _who(self) -> None:
        """Find out who `assigned:me` is."""
        from triage.services.tend import me

        try:
            self.me = await me(self.workspace)
        except TriageError as error:
            LOG.warning("who works here is unknown: %s", error)

    async def _warm(self) -> None:
        """Import what the next screens need, and learn what cannot be done here."""

        def look() -> str | None:
            from triage.services.drafts import claude_unavailable
            from triage.tui.screens import issue as _issue  # noqa: F401  # warm for the first enter

            return claude_unavailable(self.workspace)

        self.claude_reason = await self.lane.run(look)
        self._retell()

    # -- what is going on

    def _jobs_changed(self) -> None:
        self.call_later(self._retell)

    def _retell(self) -> None:
        if self.is_running and isinstance(self.screen, TriageScreen):
            self.screen.retell()

    def on_job_progressed(self) -> None:
        if isinstance(self.screen, TriageScreen):
            self.screen.tell_jobs()

    def on_said(self, message: Said) -> None:
        """Said on the screen that is shown; under a sheet it also comes as a note above it, and
        waits on the bottom line until the sheet is closed."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, TriageScreen):
                screen.say(message.text, message.warning)
                if screen is not self.screen:
                    self.notify(
                        literal_message(message.text), severity="warning" if message.warning else "information",
                        markup=False,
                    )  # fmt: skip
                return

    def on_issues_changed(self, message: IssuesChanged) -> None:
        for screen in self.screen_stack:
            told = IssuesChanged(message.issue_ids)
            told.stop()  # or it would bubble back to here
            screen.post_message(told)

    # -- screens

    def open_issue(self, issue_id: int) -> None:
        """Show one issue."""
        from triage.tui.screens.issue import IssueScreen

        self.push_screen(IssueScreen(issue_id))

    def on_draft_requested(self, message: DraftRequested) -> None:
        """Draft a test and show it in review."""
        from triage.tui.screens.review import ReviewScreen

        self.push_screen(ReviewScreen(message.issue_id, strategy=message.strategy))

    def on_review_requested(self, message: ReviewRequested) -> None:
        """Show the drafts of an issue."""
        from triage.tui.screens.review import ReviewScreen

        self.push_screen(ReviewScreen(message.issue_id, draft_id=message.draft_id))

    # -- taking along

    def copy(self, text: str, what: str, *, secrets: bool = False) -> None:
        """Copy text, secrets taken out (unless somebody asked for them), and say how it went."""

        async def do() -> None:
            from triage.redact import redact
            from triage.tui.clipboard import copy

            redacted = text if secrets else await self.lane.run(lambda: redact(text))
            driver = self._driver
            write = driver.write if driver is not None else lambda _: None
            copied = await self.lane.run(lambda: copy(redacted, write, in_browser=self.is_web))
            cut = "" if copied.complete else ", cut to what it takes"
            self.post_message(Said(f"copied {what} through {copied.how}{cut}", warning=secrets))

        self._soon(do)

    def open_link(self, issue_id: int) -> None:
        """Open the issue's pull request in the browser; over SSH, say the link instead."""

        async def do() -> None:
            from triage.tui.outside import browse

            store = self.workspace.store
            found = await self.lane.run(lambda: [item for item in store.publications(issue_id) if item.url])
            url = next((item.url for item in reversed(found) if not item.undone), None)
            if url is None or not url.startswith(("http://", "https://")):
                self.post_message(Said("this issue has no link yet", warning=True))
            elif self.is_web:
                self.open_url(url)
                self.post_message(Said(f"opened {url} in another tab"))
            elif over_ssh() or not browse(url):
                self.post_message(Said(f"open {url}"))
            else:
                self.post_message(Said(f"opened {url}"))

        self._soon(do)

    def editor_reason(self) -> str | None:
        """Why no editor can be opened from here; None when one can."""
        from triage.tui.editor import GRAPHICAL, command, unavailable

        if self.is_web and not any(Path(word).name in GRAPHICAL for word in command()[:1]):
            return "a browser has no terminal to hand over: edit here, or set a graphical $EDITOR"
        return unavailable(self)

    def _soon(self, work: Callable[[], Awaitable[object]]) -> None:
        if isinstance(self.screen, TriageScreen):
            self.screen.soon(work)

    # -- actions of the scope `app` that no screen does differently

    def do_help(self) -> None:
        from triage.tui.screens.help import HelpScreen

        if isinstance(self.screen, TriageScreen):
            self.push_screen(HelpScreen(self.screen))

    def do_palette(self) -> None:
        from triage.tui.screens.help import PaletteScreen

        if isinstance(self.screen, TriageScreen):
            self.push_screen(PaletteScreen(self.screen))

    def do_jobs(self) -> None:
        from triage.tui.screens.help_jobs import JobsScreen

        self.push_screen(JobsScreen())

    def do_theme(self) -> None:
        self.theme = theme.after(self.theme)
        self.post_message(Said(f"theme {self.theme}"))

    def do_quit(self) -> None:
        """Quit; while something runs that somebody asked for, ask first."""
        from triage.tui.screens.help_jobs import QuitScreen

        if any(job.asked_for for job in self.jobs.running):
            self.push_screen(QuitScreen())
        else:
            self.exit()

    async def action_do(self, name: str) -> None:
        """For key bindings that reach the app."""
        if isinstance(self.screen, TriageScreen):
            await self.screen.action_do(name)

    async def action_quit(self) -> None:
        self.exit()

    def on_unmount(self) -> None:
        self.end_rest()
