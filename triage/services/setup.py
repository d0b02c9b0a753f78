"""First run: find what is there, and write it down in a commented triage.toml."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from triage.config import REPO_FILE, Config
from triage.domain.outside import one_line
from triage.errors import Refused, TriageError

if TYPE_CHECKING:
    from triage.codebase.git import Git


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found around a checkout. Empty strings: not found; `notes` say why."""

    repo: Path
    interpreter: str
    interpreter_how: str
    tests: str
    import_roots: tuple[str, ...]
    remote: str
    remote_url: str
    forge: str
    has_token: bool
    has_model_key: bool
    notes: tuple[str, ...]
    tracker: str = ""
    has_tracker_token: bool = False
    interpreter_named: bool = False  # by the user, not found by itself


async def survey(config: Config) -> Survey:
    """Look around the checkout. Raises TriageError only when it is no git repo."""
    from triage.codebase.git import Git
    from triage.codebase.interpreter import find_interpreter
    from triage.codebase.layout import import_roots, test_folders
    from triage.drafting.claude import unavailable_reason
    from triage.forge.detect import detect
    from triage.forge.remote import parse_remote_url

    git = Git(config.repo)
    await git.toplevel()
    notes: list[str] = []
    interpreter = how = ""
    try:
        found = await find_interpreter(config.repo, config.python)
        interpreter, how = str(found.path), found.how
    except TriageError as error:
        notes.append(str(error))
    folders = test_folders(config.repo)
    if not folders:
        notes.append("no tests found: drafts will go to tests/")
    remote_url = forge_kind = ""
    has_token = False
    remotes = (await git.run("remote")).split()
    if config.forge.remote in remotes:
        remote_url = parse_remote_url((await git.run("remote", "get-url", config.forge.remote)).strip()).shown
        forge = await detect(config.repo, config.forge.remote, config.forge)
        forge_kind, has_token = forge.kind, forge.token is not None
    else:
        notes.append(f"no remote {config.forge.remote!r}: drafts cannot be pushed yet")
    tracker = await _tracker(git)
    if not tracker:
        notes.append("no sentry-sdk in the code: triage import takes in what you have as files or logs")
    return Survey(
        repo=config.repo,
        interpreter=interpreter,
        interpreter_how=how,
        tests=folders[0] if folders else "",
        import_roots=tuple(import_roots(config.repo)),
        remote=config.forge.remote,
        remote_url=remote_url,
        forge=forge_kind,
        has_token=has_token,
        has_model_key=unavailable_reason(os.environ) is None,
        notes=tuple(notes),
        tracker=tracker,
        interpreter_named=bool(interpreter and config.python),
        has_tracker_token=any(os.environ.get(name) for name in ("SENTRY_AUTH_TOKEN", "BUGSINK_TOKEN")),
    )


async def _tracker(git: Git) -> str:
    """Where the code starts the SDK of an error tracker, in words; "" when it does not."""
    try:
        listed = (await git.run("grep", "-l", "-F", "sentry_sdk.init(")).splitlines()
    except TriageError:  # grep's way to say that there is none
        return ""
    found = [file for file in listed if file.endswith(".py")]
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return f"sentry-sdk, started in {one_line(found[0], limit=200)}{more}" if found else ""


def render(found: Survey) -> str:
    """A triage.toml with a comment for every setting; what was found by itself stays a comment."""

    def text(value: str) -> str:
        return json.dumps(value)

    def note(value: str) -> str:
        """For a comment, which must stay on its line."""
        return one_line(value)

    return f"""# triage: settings for this repository. Everything here is optional.
# Flags and TRIAGE_* variables win over this file, and this file over your own config.toml.

# The interpreter that runs the tests; found: {note(found.interpreter) or "none"} ({found.interpreter_how or "-"}).
{"" if found.interpreter_named else "# "}python = {text(found.interpreter or ".venv/bin/python")}

# Where the tests are; found: {note(found.tests) or "none"}. `triage index` runs these.
# tests = {text(found.tests or "tests")}

# A ref with the fix: drafts are run after it, too.
# fix = "main"

# Colours: triage-dark, triage-light, any of Textual's; ansi-dark and ansi-light are the terminal's own.
# theme = "triage-dark"

# "on": few bytes, for slow links; "suggest" proposes it over SSH; "off" never does.
# remote = "suggest"

# Frame paths that production reports, and where those files are in this repository.
# [[path_map]]
# stack = "/srv/app/"
# source = {text("" if "." in found.import_roots or not found.import_roots else found.import_roots[0] + "/")}

[forge]
remote = {text(found.remote)}  # {note(found.remote_url) or "not set up"}
# kind = "github"  # found: {found.forge or "none"}; the token comes from GH_TOKEN, GITHUB_TOKEN or gh
# api = "https://github.example.com/api/v3"
# base = "main"  # where pull requests go

[run]
timeout = 60.0  # seconds for one run of a draft
memory = 2048  # MB
# stable_runs = 170

# on_save = true  # run a draft when the editor saves it

[ingest]
# Errors of the service arrive here. Found: {note(found.tracker) or "no tracker's SDK in the code"}.
# Give it the DSN that the app shows, or set SENTRY_SPOTLIGHT to send a copy of what goes to your tracker.
host = "127.0.0.1"
port = 8765

[claude]
# Needs ANTHROPIC_API_KEY. Prices are US dollars per million tokens, for the estimate shown before sending.
model = "claude-sonnet-5-5"
# [claude.prices."claude-sonnet-5-5"]
# input = 3.0
# output = 15.0

[notify]
# What is told while you look elsewhere: new and regressed issues of at least this level.
# bell = true
# desktop = "osc9"  # or "osc777": the sequence that your terminal shows as a notification
# level = "error"

[views]
# Named filters for the inbox, beside the presets on [ and ].
# mine = "is:unresolved assigned:me"

[keys]
# Other keys by the action's id; docs/keys.md lists them, `?` in the app those of a screen.
# "inbox.resolve" = "X"
"""


def write(found: Survey, force: bool) -> Path:
    """Write the file into the repo. Raises Refused when one exists and `force` is not given."""
    file = found.repo / REPO_FILE
    if file.is_symlink():
        raise Refused(f"{file} is a symbolic link", "nothing was changed", "edit what it points to, or remove it")
    if file.exists() and not force:
        raise Refused(f"{file} exists", "nothing was changed", "edit it, or replace it with --force")
    try:
        file.write_text(render(found), encoding="utf-8")
    except OSError as error:
        raise TriageError(f"cannot write {file}", str(error), "check the folder's permissions") from error
    return file
