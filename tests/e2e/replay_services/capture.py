"""Runs one of these services under the real sentry-sdk and keeps the event that it sends.

`build(name, folder, python)` makes a git repo of the service (main: with the bug, tag `fixed`),
runs `trigger.py` from a copy in another place, and returns repo, event file and fix.
"""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
HOOK = HERE.parents[2] / "triage" / "inside" / "capture_hook.py"
WEB = ("aiohttp_room", "flask_shop", "fastapi_book", "starlette_stock", "django_site")
PRELUDE = """
import json, os, sys
sys.path.insert(0, os.environ["SERVICE"])
import sentry_sdk
from sentry_sdk.transport import Transport


class ToFile(Transport):
    def capture_envelope(self, envelope):
        event = envelope.get_event()
        if event is not None:
            with open(os.environ["EVENT_OUT"], "w", encoding="utf-8") as stream:
                json.dump(event, stream)


sentry_sdk.init(
    dsn="http://public@127.0.0.1:9/1",
    transport=ToFile,
    send_default_pii=True,
    release=os.environ["RELEASE"],
    auto_enabling_integrations=bool(os.environ["WEB"]),
)
if os.environ.get("HOOK"):
    import importlib.util

    found = importlib.util.spec_from_file_location("triage_capture", os.environ["HOOK"])
    triage_capture = importlib.util.module_from_spec(found)
    found.loader.exec_module(triage_capture)
    triage_capture.install()
"""


@dataclass(frozen=True)
class Service:
    """A captured crash: the repo at the bug, the fix's ref, the event."""

    name: str
    repo: Path
    event: Path
    fix: str = "fixed"


def names() -> list[str]:
    return sorted(path.parent.name for path in HERE.glob("*/trigger.py"))


def build(name: str, folder: Path, python: str, hook: bool = False) -> Service:
    """`hook`: with the capture hook on. Raises CalledProcessError when the service does not crash as it should."""
    source, repo, deployed = HERE / name, folder / "repo", folder / "srv" / "app"
    shutil.copytree(source / "repo", repo)
    git(repo, "init", "-q", "-b", "main")
    commit(repo, "The service")
    shutil.copytree(source / "repo", deployed)
    event = folder / "event.json"
    script = deployed / "run_service.py"
    script.write_text(PRELUDE + (source / "trigger.py").read_text() + "\nsentry_sdk.flush()\n")
    roots = [deployed / "src"] if (deployed / "src").is_dir() else [deployed]
    environment = {
        **os.environ,
        "SERVICE": str(roots[0]),
        "EVENT_OUT": str(event),
        "RELEASE": f"{name}@1.0",
        "WEB": "1" if name in WEB else "",
        "HOOK": str(HOOK) if hook else "",
    }
    subprocess.run([python, str(script)], cwd=deployed, env=environment, check=True, capture_output=True, timeout=240)
    for path, old, new in json.loads((source / "fix.json").read_text()):
        text = (repo / path).read_text()
        if old not in text:
            raise AssertionError(f"{name}: the fix does not fit {path}")
        (repo / path).write_text(text.replace(old, new))
    commit(repo, "The fix")
    git(repo, "tag", "fixed")
    git(repo, "reset", "-q", "--hard", "HEAD~1")
    return Service(name, repo, event)


def commit(repo: Path, message: str) -> None:
    git(repo, "add", "-A")
    git(repo, "-c", "user.name=Dev", "-c", "user.email=dev@example.org", "commit", "-q", "-m", message)


def git(repo: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=repo, check=True, capture_output=True)
