"""capture: puts the production hook into a user's service and says which two lines switch it on."""

import argparse
from pathlib import Path

from triage.commands.output import print_json, say, show
from triage.errors import BadInput, TriageError

NAME = "triage_capture.py"
SWITCH_ON = ("import {module}", "{module}.install()")


def capture(options: argparse.Namespace) -> int:
    """`triage capture [--write PATH]`: the hook's source on stdout, or into a file or folder."""
    source = hook_source()
    if options.write is None:
        if options.json:
            print_json({"lines": lines("triage_capture"), "source": source})
        else:
            print(source, end="")
            say("this is the hook; `triage capture --write PATH` puts it into a service")
        return 0
    file = write(Path(options.write), source, options.force)
    switch = lines(file.stem)
    if options.json:
        print_json({"file": file, "lines": switch})
        return 0
    show(str(file))
    say("switch it on where the service calls sentry_sdk.init, before or after it:")
    for line in switch:
        say(f"    {line}")
    return 0


def hook_source() -> str:
    """The hook as it is copied: `triage/inside/capture_hook.py`."""
    return (Path(__file__).parent.parent / "inside" / "capture_hook.py").read_text(encoding="utf-8")


def lines(module: str) -> list[str]:
    """The two lines that switch the hook on, for the name that its file was given."""
    return [line.format(module=module) for line in SWITCH_ON]


def write(path: Path, source: str, force: bool) -> Path:
    """The file that was written: `path` itself, or the hook's own name when `path` is a folder.

    A file that says the same is left as it is. Raises BadInput for a name that cannot be
    imported, TriageError when something else stands there or the disk refuses.
    """
    file = path / NAME if path.is_dir() or str(path).endswith(("/", "\\")) else path
    if file.suffix != ".py" or not file.stem.isidentifier():
        raise BadInput("no name for a module", f"{file.name} cannot be imported", f"name it {NAME}")
    try:
        if file.exists() and not force:
            there = file.read_text(encoding="utf-8", errors="replace")
            if there == source:
                return file
            if "def capture(error, options=None)" not in there:
                raise TriageError(f"{file} exists", "it is not an older hook of ours", "take another name, or --force")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source, encoding="utf-8")
    except OSError as error:
        raise TriageError(f"cannot write {file}", str(error), "name another place with --write") from error
    return file
