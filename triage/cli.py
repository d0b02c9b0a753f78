"""The `triage` command: parse the arguments, call what serves them, print errors in one line."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from triage import __version__
from triage.commands.arguments import Parser, number, port, positive, whole
from triage.errors import Fault, TriageError, full_disk

DESCRIPTION = "From a production error to a reviewed regression test, without leaving the terminal."
SORTED = ("last_seen", "first_seen", "count", "users", "title", "level", "service", "release", "owner")


def app_parser(common: Parser) -> Parser:
    """What bare `triage` takes. `common` are the options of every command."""
    top = Parser(prog="triage", description=DESCRIPTION, parents=[common])
    top.add_argument("--version", action="version", version=f"triage {__version__}")
    top.add_argument("--theme", help="colour theme of the app")
    top.add_argument("--no-ingest", action="store_true", help="do not start the ingest server with the app")
    top.add_argument("--remote", action="store_true", help="for slow links: few bytes, no animation")
    top.set_defaults(run="app:run")
    return top


def parser() -> Parser:
    """The whole command line. Every subcommand sets `run` to "module:function"."""
    common = _common(argparse.SUPPRESS)  # a subcommand's default must not hide what stood before it
    top = app_parser(_common(None))
    seconds = number(0.1, 86_400)
    commands = top.add_subparsers(metavar="COMMAND", title="commands (none: open the app)")

    def add(name: str, run: str, text: str) -> Parser:
        command = commands.add_parser(name, help=text, description=text, parents=[common])
        command.set_defaults(run=run)
        return command

    def fix_option(command: Parser) -> None:
        command.add_argument("--fix", metavar="REF", help="a branch, tag or SHA that has the bug fixed")
        command.add_argument("--no-sandbox", action="store_true", help="agree to this run without a sandbox")

    for name, text in (("list", "list issues"), ("ls", "list issues (short for list)")):
        _list_options(add(name, "listing:ls", text))

    show = add("show", "listing:show_case", "show one issue: stack, covering tests, drafts")
    show.add_argument("issue", help="T-12 or 12")

    draft = add("draft", "drafting:draft", "draft a regression test for an issue")
    draft.add_argument("issue", help="T-12 or 12")
    draft.add_argument("--strategy", choices=("replay", "claude"), default="replay")
    draft.add_argument("--instruction", default="", help="what to tell the model besides")
    draft.add_argument("--like", metavar="TEST", default="", help="an existing test whose style the new one takes")
    draft.add_argument("--yes", action="store_true", help="send the prompt that was shown (claude)")
    draft.add_argument(
        "--budget", type=number(0.1, 86_400), default=60.0, metavar="SECONDS", help="bound on the search (replay)"
    )
    fix_option(draft)

    verify = add("verify", "drafting:verify", "run a draft before and after the fix")
    verify.add_argument("draft", type=whole)
    verify.add_argument("--stable", action="store_true", help="repeat the run and check that it always agrees")
    fix_option(verify)

    publish = add("publish", "publishing:publish", "push a draft as a branch, and open a pull request")
    publish.add_argument("draft", type=whole, nargs="?")
    publish.add_argument("--pr", action="store_true", help="open a draft pull request as well")
    publish.add_argument("--dry-run", action="store_true", help="show exactly what would be sent")
    publish.add_argument("--yes", action="store_true", help="publish even though the evidence is not green")
    publish.add_argument("--undo", type=whole, metavar="PUBLICATION", help="close the pull request, delete the branch")

    follow = add("follow", "publishing:follow_pulls", "ask the forge what became of the pull requests")
    follow.add_argument("issue", nargs="?", help="T-12 or 12 (default: all that may still change)")
    follow.add_argument("--watch", action="store_true", help="go on until all are closed or released")

    for name, text in (("resolve", "mark issues as resolved"), ("unresolve", "take that back")):
        add(name, f"tending:{name}", text).add_argument("issues", nargs="+", help="T-12 or 12")
    snooze = add("snooze", "tending:snooze", "put issues aside for a while")
    snooze.add_argument("issues", nargs="+", help="T-12 or 12")
    snooze.add_argument("--hours", type=number(0.01, 87_600), default=24.0, help="default: 24")
    assign = add("assign", "tending:assign", "assign issues")
    assign.add_argument("issues", nargs="+", help="T-12 or 12")
    assign.add_argument("--to", metavar="WHO", help='somebody, or "nobody" (default: you)')
    add("undo", "tending:undo", "take back the last local change")

    report = add("report", "reporting:usage", "what customers said about issues")
    reports = report.add_subparsers(metavar="WHAT", title="what to do")

    def report_command(name: str, text: str) -> Parser:
        command = reports.add_parser(name, help=text, description=text, parents=[common])
        command.set_defaults(run=f"reporting:{name}")
        return command

    report_add = report_command("add", "link a report to an issue")
    report_add.add_argument("issue", help="T-12 or 12")
    words = report_add.add_mutually_exclusive_group(required=True)
    words.add_argument("--file", metavar="FILE", help="a ticket as text or markdown; - for stdin")
    words.add_argument("--text", help="what the customer said")
    report_add.add_argument("--type", default="", help="the type of incident")
    report_add.add_argument("--impact", default="", help="who is affected, and how")
    report_add.add_argument("--steps", default="", help="how to make it happen")
    report_add.add_argument("--environment", default="", help="where it happens")
    report_command("ls", "list reports").add_argument("issue", nargs="?", help="T-12 or 12 (default: all)")
    report_command("rm", "take a report away from its issue").add_argument("report", type=whole)

    reproduce = add("reproduce", "reproducing:reproduce", "one event in; the reproducing test and its evidence out")
    reproduce.add_argument("--event", metavar="FILE", required=True, help="event JSON, envelope or log; - for stdin")
    reproduce.add_argument("--out", metavar="DIR", help="write the test below this folder")
    reproduce.add_argument("--budget", type=seconds, default=60.0, metavar="SECONDS", help="default: 60")
    reproduce.add_argument("--stable", action="store_true", help="repeat the test 170 times, clock and seeds changed")
    reproduce.add_argument("--skeleton", action="store_true", help="when nothing reproduces: a test with holes marked")
    fix_option(reproduce)

    add("index", "running:index", "learn which tests cover which lines, by running the suite once")

    imports = add("import", "running:import_files", "take in event JSON, envelopes and logs")
    imports.add_argument("files", nargs="+", metavar="FILE", type=Path)

    serve = add("serve", "running:serve", "receive events from Sentry SDKs")
    serve.add_argument("--host", help="address to bind (default: 127.0.0.1)")
    serve.add_argument("--port", type=port, help="port to bind; 0 takes a free one")
    serve.add_argument("--with-parent", action="store_true", help=argparse.SUPPRESS)

    capture = add("capture", "capture:capture", "the hook that makes a service send complete values with its errors")
    capture.add_argument("--write", metavar="PATH", help="file or folder of the service; without it: to stdout")
    capture.add_argument("--force", action="store_true", help="replace another file that stands there")

    browser = add("web", "web:run", "the same app in a browser, on this machine unless told otherwise")
    browser.add_argument("--host", default="127.0.0.1", help="address to bind (default: 127.0.0.1)")
    browser.add_argument("--port", type=port, default=8766, help="port to bind; 0 takes a free one (default: 8766)")
    browser.add_argument("--theme", default=argparse.SUPPRESS, help="colour theme of the app")
    browser.add_argument("--no-ingest", action="store_true", default=argparse.SUPPRESS, help="do not receive events")

    add("doctor", "setup:doctor", "check what triage needs and name the fix for each")
    init = add("init", "setup:init", "find repo, interpreter, tests and forge; write triage.toml")
    init.add_argument("--force", action="store_true", help="replace an existing triage.toml")

    demo = add("demo", "setup:demo", "a sample service with real errors; works offline")
    demo.add_argument("folder", nargs="?", type=Path)
    demo.add_argument("--walk", action="store_true", help="do the whole loop without a terminal and check each step")
    return top


def _list_options(command: Parser) -> None:
    command.add_argument("query", nargs="*", help="words and filters, such as is:unresolved level:error text")
    command.add_argument("--limit", type=positive, default=50, help="issues in all, or in each group (default: 50)")
    command.add_argument("--sort", choices=SORTED, help="default: last_seen, or what the view or query says")
    command.add_argument("--group-by", choices=("service", "release", "owner", "level"), help="one heading a value")
    command.add_argument("--view", metavar="NAME", help="a preset or a view of the configuration")
    command.add_argument("--views", action="store_true", help="name the views instead")


def _common(default: object) -> Parser:
    common = Parser(add_help=False, argument_default=default)
    common.add_argument("--repo", metavar="DIR", help="the checkout under triage (default: the one around here)")
    common.add_argument("--store", metavar="URL", help="the store (default: SQLite in the user's data folder)")
    common.add_argument("--python", metavar="EXE", help="the interpreter that runs the repo's tests")
    common.add_argument("--json", action="store_true", default=default or False, help="print data as JSON")
    return common


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. No traceback ever reaches the screen."""
    from triage.commands import process
    from triage.commands.output import print_error

    process.open_standard_streams()
    as_json = "--json" in (sys.argv[1:] if arguments is None else arguments)
    with process.stopped_by_signals() as stopped:
        try:
            # Bare `triage` opens the app, which needs no subcommands: building them takes 8 ms.
            bare = not (sys.argv[1:] if arguments is None else arguments)
            options = (app_parser(_common(None)) if bare else parser()).parse_args(arguments)
            module, _, function = options.run.partition(":")
            command = getattr(importlib.import_module(f"triage.commands.{module}"), function)
            code = int(command(options) or 0)
            sys.stdout.flush()
            return code
        except TriageError as error:
            print_error(error, as_json)
            return error.exit_code
        except KeyboardInterrupt:
            return 128 + stopped.by
        except BrokenPipeError:
            process.drop_stdout()
            return 141
        except Exception as error:
            told = _unexpected(error)
            print_error(told, as_json)
            return told.exit_code


def _unexpected(error: Exception) -> TriageError:
    """Keep the traceback in the log; what remains is one line."""
    import traceback

    from triage import paths

    if full := full_disk(error):
        return full
    log = paths.log_file()
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8", errors="replace") as file:
            traceback.print_exception(error, file=file)
    except OSError:
        hint = "please report it"
    else:
        hint = f"the traceback is in {log}; please report it"
    return Fault("something broke inside triage", f"{type(error).__name__}: {error}", hint)


if __name__ == "__main__":
    raise SystemExit(main())
