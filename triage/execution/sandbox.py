"""Wraps a command so that it runs in one of the sandbox tiers; never in a lower one than asked for.

Each tier is tried once per process by really running it. Tiers and their order: DESIGN section 5.
"""

import functools
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from triage.domain.verdict import Isolation
from triage.errors import Unavailable
from triage.execution import cgroup
from triage.execution.view import HOME, PROC_HIDDEN, PROC_MASKED, PROC_READ_ONLY, SCRATCH_BYTES, Mount, view

MAX_PROCESSES = 256
MAX_FILE_BYTES = 256 * 1024 * 1024
SANDBOX_FAILED = 97
_ENTER = Path(__file__).with_name("enter.py")
_APPARMOR = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
_PROFILE = """abi <abi/4.0>,
include <tunables/global>
profile bwrap /usr/bin/bwrap flags=(unconfined) {
  userns,
  include if exists <local/bwrap>
}"""


def available_tiers() -> list[tuple[Isolation, str]]:
    """Every tier, strongest first, with why it does not work here ("" when it does)."""
    return [(tier, why_not(tier)) for tier in Isolation]


def best_tier() -> Isolation:
    """The strongest tier that works here; `Isolation.NONE` when there is no sandbox."""
    return next(tier for tier in Isolation if not why_not(tier))


def require(tier: Isolation) -> None:
    """Raises Unavailable, with the fix named, when `tier` does not work here."""
    if why := why_not(tier):
        raise Unavailable(f"the {tier} sandbox does not work here", why, "`triage doctor` names the fix")


@functools.cache
def why_not(tier: Isolation) -> str:
    """Why `tier` does not work on this machine, and the fix; "" when it does. Tried once."""
    if tier is Isolation.NONE:
        return ""
    if platform.system() != "Linux":
        return f"needs Linux; this is {platform.system()}, where drafts run without isolation and only if you agree"
    if tier is Isolation.BUBBLEWRAP and not shutil.which("bwrap"):
        return "bubblewrap is not installed; install it with the system's package manager (apt install bubblewrap)"
    argv = wrap(tier, ["/bin/sh", "-c", "exit 0"], read_only=(), writable=(), cwd=Path("/tmp"), env={}, cpu_seconds=10)
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"trying it failed: {error}"
    return "" if done.returncode == 0 else _explain(done.stderr.decode("utf-8", "replace").strip())


def _explain(message: str) -> str:
    said = message.splitlines()[-1] if message else "it failed without a word"
    if _read(_APPARMOR) == "1":
        return (
            f"AppArmor forbids user namespaces here ({said}); allow them for bubblewrap by writing "
            f"/etc/apparmor.d/bwrap with\n{_PROFILE}\nand running: sudo apparmor_parser -r /etc/apparmor.d/bwrap"
        )
    if _read(Path("/proc/sys/kernel/unprivileged_userns_clone")) == "0":
        return f"user namespaces are switched off ({said}); sudo sysctl -w kernel.unprivileged_userns_clone=1"
    if _read(Path("/proc/sys/user/max_user_namespaces")) == "0":
        return f"user namespaces are switched off ({said}); sudo sysctl -w user.max_user_namespaces=10000"
    return f"{said} (in a container? it needs leave to make user namespaces and to mount /proc)"


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def wrap(
    tier: Isolation,
    argv: Sequence[str],
    *,
    read_only: Sequence[Path],
    writable: Sequence[Path],
    cwd: Path,
    env: Mapping[str, str],
    memory_mb: int = 2048,
    cpu_seconds: float = 60,
) -> list[str]:
    """The command line that runs `argv` in `tier`.

    Inside: no network but loopback, only the system's programs, `read_only` and `writable`,
    a fresh /tmp holding HOME, `env` and nothing else of the environment (HOME, PATH, TMPDIR and
    LANG are set), its own processes only, and limits: `memory_mb` of address space and
    `cpu_seconds` for each process. Standard streams and passed descriptors stay open, so it
    serves long-lived servers too. The sandbox ends with the process that started it.
    With `Isolation.NONE` only environment and limits hold. Exit code 97: the sandbox itself
    failed; 128 + n: the command died of signal n.
    """
    inside = {"HOME": HOME, "PATH": "/usr/local/bin:/usr/bin:/bin", "TMPDIR": "/tmp", "LANG": "C.UTF-8", **env}
    limits = _limits(memory_mb, cpu_seconds)
    if tier is Isolation.NONE:
        return _bare(
            argv, cwd, {**inside, "HOME": env.get("HOME", str(cwd)), "TMPDIR": env.get("TMPDIR", "/tmp")}, limits
        )
    mounts = view(read_only, writable)
    if tier is Isolation.BUBBLEWRAP:
        command = _bubblewrap(mounts, cwd, inside) + _limiter(limits) + list(argv)
    else:
        command = _namespaces(mounts, argv, cwd, inside, limits)
    return cgroup.joining(command, MAX_PROCESSES)


def _limits(memory_mb: int, cpu_seconds: float) -> dict[str, int]:
    return {
        "RLIMIT_AS": memory_mb * 1024 * 1024,
        "RLIMIT_CPU": int(cpu_seconds) + 1,
        "RLIMIT_NPROC": MAX_PROCESSES + _processes_counted_outside(),
        "RLIMIT_FSIZE": MAX_FILE_BYTES,
        "RLIMIT_CORE": 0,
        "RLIMIT_NOFILE": 1024,
    }


@functools.cache
def _processes_counted_outside() -> int:
    """Before Linux 5.14 the user's other processes count against the limit too."""
    if platform.system() != "Linux" or _kernel() >= (5, 14):
        return 0
    return sum(1 for _ in Path("/proc").glob("[0-9]*/task/*"))


def _kernel() -> tuple[int, int]:
    numbers = (platform.release().split("-")[0] + ".0.0").split(".")
    return (int(numbers[0]), int(numbers[1])) if numbers[0].isdigit() and numbers[1].isdigit() else (0, 0)


def _bubblewrap(mounts: Sequence[Mount], cwd: Path, env: Mapping[str, str]) -> list[str]:
    options = ["bwrap", "--unshare-all", "--unshare-user", "--uid", "1000", "--gid", "1000", "--die-with-parent"]
    options += ["--cap-drop", "ALL", "--hostname", "sandbox", "--clearenv"]
    for name, value in env.items():
        options += ["--setenv", name, value]
    for item in mounts:
        match item.kind:
            case "ro":
                options += ["--ro-bind", item.source, item.target]
            case "rw":
                options += ["--bind", item.source, item.target]
            case "tmpfs":
                options += ["--size", str(item.size), "--tmpfs", item.target]
            case "symlink":
                options += ["--symlink", item.source, item.target]
            case "null":
                options += ["--ro-bind", "/dev/null", item.target]
            case "dir" | "dev":
                options += [f"--{item.kind}", item.target]
            case "proc":
                options += ["--proc", "/proc", *_narrow_proc()]
    return [*options, "--remount-ro", "/", "--chdir", str(cwd), "--"]


def _narrow_proc() -> list[str]:
    options = []
    for name in PROC_READ_ONLY:
        if os.path.exists(f"/proc/{name}"):
            options += ["--ro-bind", f"/proc/{name}", f"/proc/{name}"]
    for name in PROC_MASKED:
        if os.path.exists(f"/proc/{name}"):
            options += ["--ro-bind", "/dev/null", f"/proc/{name}"]
    for name in PROC_HIDDEN:
        if os.path.exists(f"/proc/{name}"):
            options += ["--tmpfs", f"/proc/{name}", "--remount-ro", f"/proc/{name}"]
    return options


def _limiter(limits: Mapping[str, int]) -> list[str]:
    """A program in front that sets the limits, once inside, where they count for the sandbox only."""
    if program := shutil.which("prlimit"):
        names = {name: name.removeprefix("RLIMIT_").lower() for name in limits}
        return [program, *(f"--{names[name]}={value}" for name, value in limits.items())]
    return ["/bin/sh", "-c", _shell_limits(limits) + 'exec "$@"', "sh"]


def _shell_limits(limits: Mapping[str, int]) -> str:
    """For shells everywhere; what one does not know it skips."""
    flags = {"RLIMIT_AS": ("v", 1024), "RLIMIT_CPU": ("t", 1), "RLIMIT_FSIZE": ("f", 512), "RLIMIT_CORE": ("c", 1)}
    return "".join(
        f"ulimit -{flags[name][0]} {value // flags[name][1]} 2>/dev/null || :; "
        for name, value in limits.items()
        if name in flags
    )


def _namespaces(
    mounts: Sequence[Mount], argv: Sequence[str], cwd: Path, env: Mapping[str, str], limits: Mapping[str, int]
) -> list[str]:
    listed = [asdict(item) for item in mounts]
    for item in listed:
        if item["kind"] == "proc":
            item |= {"read_only": PROC_READ_ONLY, "masked": PROC_MASKED, "hidden": PROC_HIDDEN}
    spec = {"mounts": listed, "argv": list(argv), "env": dict(env), "cwd": str(cwd), "limits": dict(limits)}
    return [sys.executable, "-I", "-S", str(_ENTER), json.dumps(spec)]


def _bare(argv: Sequence[str], cwd: Path, env: Mapping[str, str], limits: Mapping[str, int]) -> list[str]:
    pairs = [f"{name}={value}" for name, value in env.items()]
    script = f'cd "$1" || exit {SANDBOX_FAILED}; shift; {_shell_limits(limits)}exec "$@"'
    return ["/bin/sh", "-c", script, "sh", str(cwd), "/usr/bin/env", "-i", *pairs, *argv]


__all__ = ["SCRATCH_BYTES", "available_tiers", "best_tier", "require", "why_not", "wrap"]
