"""Runs a case's driver again with the capture hook switched on: the event that production would then have sent."""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

HOOK = Path(__file__).resolve().parent.parent / "triage" / "inside" / "capture_hook.py"
SWITCHED_ON = "import sentry_sdk; import triage_capture; triage_capture.install()"
SDK = ("sentry_sdk", "certifi", "urllib3", "typing_extensions")


def hooked_event(driver: Path, python: str, folder: Path) -> Path:
    """The event file that the driver wrote, with paths as the corpus writes them.

    The hook goes on in the line of `import sentry_sdk`, so that all line numbers stay. Where the
    interpreter has no sentry-sdk it is lent ours. Raises ValueError when no event comes.
    """
    service = folder / "service"
    shutil.rmtree(service, ignore_errors=True)
    shutil.copytree(driver.parent, service, ignore=shutil.ignore_patterns("event.json", "case.json"))
    shutil.copy(HOOK, service / "triage_capture.py")
    source, count = re.subn(r"(?m)^import sentry_sdk$", SWITCHED_ON, (service / driver.name).read_text(), count=1)
    if not count:
        raise ValueError(f"{driver} does not import sentry_sdk")
    (service / driver.name).write_text(source)
    event = folder / "event.json"
    event.unlink(missing_ok=True)
    environment = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    environment |= {"EVENT_OUT": str(event), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
    if subprocess.run([python, "-c", "import sentry_sdk"], capture_output=True, check=False).returncode:
        environment["PYTHONPATH"] = str(lent(folder / "sdk"))
    done = subprocess.run(
        [python, driver.name],
        cwd=service,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=300,
        check=False,
    )
    if not event.exists():
        raise ValueError(f"{driver} sent no event: {done.stderr[-200:]}")
    text = event.read_text().replace(str(Path(python).parent.parent), "/srv/app").replace(str(service), "/srv/service")
    event.write_text(text)
    return event


def lent(folder: Path) -> Path:
    """A folder with our own sentry-sdk and what it needs, and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in SDK:
        found = importlib.util.find_spec(name)
        if found is None or found.origin is None:
            continue
        place = Path(found.origin).parent if found.submodule_search_locations else Path(found.origin)
        if not (folder / place.name).exists():
            (folder / place.name).symlink_to(place)
    return folder
