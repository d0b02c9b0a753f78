"""Makes prepared cases of the crashes described here: a repo, an interpreter, an event of the real SDK.

    python -m benchmarks.crashes.prepare OUT [NAME ...]
    python -m benchmarks.reproduce --cases OUT

For each: the buggy release's sdist as a git repo with the fixed package on top (tag `fixed`), an
environment with the buggy release, and what sentry-sdk sent when the driver crashed. A case is only
kept when the driver crashes inside the package on the buggy release and ends well on the fixed one.
Needs pip with a package index, uv and git. The drivers are ours, read from changelogs.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SDK = "sentry-sdk==2.75.0"
START = """
import json as _json
import os as _os

import sentry_sdk
from sentry_sdk.transport import Transport


class _FileTransport(Transport):
    def capture_envelope(self, envelope):
        event = envelope.get_event()
        if event is not None:
            with open(_os.environ["EVENT_OUT"], "w", encoding="utf-8") as fh:
                _json.dump(event, fh)
"""
END = """

if __name__ == "__main__":
    sentry_sdk.init(
        dsn="http://public@127.0.0.1:9/1", transport=_FileTransport, send_default_pii=True,
        include_local_variables=True, in_app_include=["{name}"], release="{name}-worker@1.0.0",
    )
    try:
        main()
    except Exception:
        sentry_sdk.capture_exception()
        sentry_sdk.flush()
        raise
"""
AUTHOR = {
    "GIT_AUTHOR_NAME": "maintainer", "GIT_AUTHOR_EMAIL": "maintainer@example.org",
    "GIT_COMMITTER_NAME": "maintainer", "GIT_COMMITTER_EMAIL": "maintainer@example.org",
}  # fmt: skip


@dataclass(frozen=True)
class Crash:
    """One line of cases.json. `also` are further top-level packages of the fix; `draw` when it was drawn."""

    name: str
    package: str
    buggy: str
    fixed: str
    import_name: str
    requires: tuple[str, ...]
    draw: str
    also: tuple[str, ...] = ()


def crashes() -> list[Crash]:
    """All crashes described here."""
    rows: dict[str, dict[str, Any]] = json.loads((HERE / "cases.json").read_text())
    found = []
    for name, row in rows.items():
        lists = {key: tuple(row.get(key, ())) for key in ("requires", "also")}
        found.append(Crash(name, **{**row, **lists}))
    return found


def run(*command: object, cwd: Path | None = None, **more: str) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **more},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command[:6]))}: {(done.stderr or done.stdout)[-600:]}")
    return done.stdout


def environment(where: Path, crash: Crash, version: str) -> Path:
    python = where / "bin" / "python"
    run("uv", "venv", "-q", "--clear", "--seed", "--python", "3.11", where)
    run("uv", "pip", "install", "-q", "--python", python, f"{crash.package}=={version}", "pytest", SDK, *crash.requires)
    return python


def crashed(crash: Crash, python: Path, event: Path) -> int:
    """The driver's exit code; what the SDK sent lies in `event` when there was an error."""
    with tempfile.TemporaryDirectory() as work:
        body = (HERE / "drivers" / f"{crash.name.replace('-', '_')}.py").read_text()
        head, _, rest = body.partition("\n")
        service = Path(work) / "service"
        service.mkdir()
        (service / "driver.py").write_text(head + START + rest + END.replace("{name}", crash.import_name))
        around = {
            "EVENT_OUT": str(event),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
            "PATH": os.environ["PATH"],
        }
        done = subprocess.run(
            [python, "driver.py"], cwd=service, env=around, capture_output=True, check=False, timeout=120
        )
        if event.exists():
            text = (
                event.read_text().replace(str(service), "/srv/service").replace(str(python.parent.parent), "/srv/app")
            )
            event.write_text(text)
        return done.returncode


def sdist(crash: Crash, python: Path, where: Path) -> Path:
    """The unpacked source distribution of the buggy release."""
    where.mkdir(parents=True)
    wanted = f"{crash.package}=={crash.buggy}"
    run(python, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", crash.package, wanted, "-d", where)
    archive = next(file for file in where.iterdir() if file.is_file())
    if archive.suffix == ".zip":
        zipfile.ZipFile(archive).extractall(where)
    else:
        with tarfile.open(archive) as packed:
            packed.extractall(where, filter="data")
    return next(path for path in sorted(where.iterdir()) if path.is_dir())


def layout(root: Path, name: str) -> Path:
    """Where the package lies in its source distribution."""
    found = [path.parent for path in root.rglob(f"{name.replace('.', '/')}/__init__.py")]
    return min(found or list(root.rglob(f"{name}.py")), key=lambda path: len(path.parts))


def prepare(crash: Crash, out: Path) -> str:
    """One case below `out`, or why there is none."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    python, fixed = environment(out / "venv", crash, crash.buggy), environment(out / "venv-fixed", crash, crash.fixed)
    event = out / "event.json"
    if not crashed(crash, python, event) or not event.exists():
        return "the driver does not crash on the buggy release"
    if not re.search(rf"site-packages/{re.escape(crash.import_name.replace('.', '/'))}(/|\.py)", event.read_text()):
        return "no frame lies in the package"
    if crashed(crash, fixed, out / "event-fixed.json") or (out / "event-fixed.json").exists():
        return "the driver crashes on the fixed release too"
    repo = out / "repo"
    shutil.move(sdist(crash, python, out / "sdist"), repo)
    for step in (
        ["init", "-q", "-b", "main"],
        ["add", "-A", "-f"],
        ["commit", "-q", "-m", f"{crash.package} {crash.buggy}"],
    ):
        run("git", *step, cwd=repo, **AUTHOR)
    run("git", "checkout", "-q", "-b", "fix", cwd=repo)
    packages = Path(run(fixed, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])").strip())
    for name in (crash.import_name, *crash.also):
        target, source = layout(repo, name), packages / name.replace(".", "/")
        if target.is_file():
            shutil.copyfile(source.with_suffix(".py"), target)
        for file in source.rglob("*.py") if target.is_dir() else ():
            place = target / file.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, place)
    for step in (["add", "-A", "-f"], ["commit", "-q", "-m", f"{crash.package} {crash.fixed}"], ["tag", "fixed"]):
        run("git", *step, cwd=repo, **AUTHOR)
    run("git", "checkout", "-q", "main", cwd=repo)
    info = {"case": crash.name, "repo": str(repo), "python": str(python), "event": str(event), "fix": "fixed"}
    (out / "info.json").write_text(json.dumps(info, indent=1))
    return "prepared"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    for crash in crashes():
        if not options.names or crash.name in options.names:
            try:
                said = prepare(crash, options.out.resolve() / crash.name)
            except (RuntimeError, subprocess.TimeoutExpired, OSError) as error:
                said = str(error)
            print(f"{crash.name:40} {said}", flush=True)


if __name__ == "__main__":
    main()
