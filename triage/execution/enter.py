"""Enters Linux namespaces with a mount tree of its own, then runs a command there; the `namespaces` tier.

Run as a script: `python -I -S enter.py SPEC`, SPEC being JSON with mounts, argv, env, cwd and
limits. Does what bubblewrap does, with the kernel's calls alone. Needs Linux 5.12.
"""

import ctypes
import json
import os
import resource
import socket
import struct
import sys

NEWNS, NEWCGROUP, NEWUTS, NEWIPC = 0x20000, 0x02000000, 0x04000000, 0x08000000
NEWUSER, NEWPID, NEWNET = 0x10000000, 0x20000000, 0x40000000
RDONLY, NOSUID, NODEV, NOEXEC = 1, 2, 4, 8
BIND, REC, SLAVE, DETACH = 0x1000, 0x4000, 0x80000, 2
MOUNT_SETATTR, PIVOT_ROOT = 442, {"x86_64": 155, "aarch64": 41, "riscv64": 41, "ppc64le": 203, "s390x": 217}
PDEATHSIG, NO_NEW_PRIVS, CAPBSET_DROP = 1, 38, 24
INSIDE_ID = 1000
FAILED = 97

libc = ctypes.CDLL(None, use_errno=True)


def check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    fs = kind.encode() if kind else None
    result = libc.mount(source.encode(), target.encode(), fs, ctypes.c_ulong(flags), options.encode() or None)
    check(result, f"mount {target}")


def restrict(target: str, flags: int, recursive: bool = True) -> None:
    """Add mount flags, to what is mounted below as well."""
    attributes = (ctypes.c_uint64 * 4)(flags, 0, 0, 0)
    at = 0x8000 if recursive else 0
    size = ctypes.c_size_t(ctypes.sizeof(attributes))
    check(libc.syscall(MOUNT_SETATTR, -100, target.encode(), at, ctypes.byref(attributes), size), f"restrict {target}")


def make_place(target: str, folder: bool) -> None:
    if os.path.lexists(target):
        return
    os.makedirs(target if folder else os.path.dirname(target), mode=0o755, exist_ok=True)
    if not folder:
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))


def bind(source: str, target: str, flags: int) -> None:
    make_place(target, os.path.isdir(source))
    mount(source, target, None, BIND | REC)
    restrict(target, flags)


def build(mounts: list[dict[str, object]]) -> None:
    """Make the tree under /new from the machine's under /old."""
    for item in mounts:
        kind, target, source = str(item["kind"]), "/new" + str(item["target"]), str(item["source"])
        if kind in ("ro", "rw"):
            bind("/old" + source, target, NOSUID | NODEV | (RDONLY if kind == "ro" else 0))
        elif kind == "tmpfs":
            make_place(target, folder=True)
            mount("tmpfs", target, "tmpfs", NOSUID | NODEV, f"mode=0755,size={item['size']}")
        elif kind == "dir":
            make_place(target, folder=True)
        elif kind == "symlink":
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.symlink(source, target)
        elif kind == "null":
            bind("/old/dev/null", target, NOSUID | RDONLY)
        elif kind == "dev":
            devices(target)
        elif kind == "proc":
            processes(target, item)


def processes(target: str, item: dict[str, object]) -> None:
    make_place(target, folder=True)
    mount("proc", target, "proc", NOSUID | NODEV | NOEXEC)
    for name in item["read_only"]:  # type: ignore[attr-defined]
        if os.path.exists(f"{target}/{name}"):
            bind(f"{target}/{name}", f"{target}/{name}", NOSUID | NODEV | NOEXEC | RDONLY)
    for name in item["masked"]:  # type: ignore[attr-defined]
        if os.path.exists(f"{target}/{name}"):
            bind("/old/dev/null", f"{target}/{name}", NOSUID | RDONLY)
    for name in item["hidden"]:  # type: ignore[attr-defined]
        if os.path.exists(f"{target}/{name}"):
            mount("tmpfs", f"{target}/{name}", "tmpfs", NOSUID | NODEV | NOEXEC | RDONLY, "size=4k")


def devices(target: str) -> None:
    make_place(target, folder=True)
    mount("tmpfs", target, "tmpfs", NOSUID, "mode=0755,size=1m")
    for name in ("null", "zero", "full", "random", "urandom", "tty"):
        if os.path.exists(f"/old/dev/{name}"):
            bind(f"/old/dev/{name}", f"{target}/{name}", NOSUID)
    for name, link in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        os.symlink(f"/proc/self/fd{link}", f"{target}/{name}")
    os.mkdir(f"{target}/shm")
    os.mkdir(f"{target}/pts")
    try:
        mount("devpts", f"{target}/pts", "devpts", NOSUID | NOEXEC, "newinstance,ptmxmode=0666,mode=620")
        os.symlink("pts/ptmx", f"{target}/ptmx")
    except OSError:
        return


def loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plug:
        import fcntl

        fcntl.ioctl(plug, 0x8914, struct.pack("16sh14x", b"lo", 0x1 | 0x40))


def write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)


def pivot(new: str, old: str) -> None:
    check(libc.syscall(PIVOT_ROOT[os.uname().machine], new.encode(), old.encode()), "pivot_root")


def leave_machine(spec: dict[str, object]) -> None:
    """In the first process of the new namespaces: switch to the new tree and forget the old."""
    mount("tmpfs", "/tmp", "tmpfs", NOSUID | NODEV, "mode=0755")
    os.mkdir("/tmp/new", 0o755)
    os.mkdir("/tmp/old", 0o755)
    pivot("/tmp", "/tmp/old")
    os.chdir("/")
    mount("/new", "/new", None, BIND | REC)
    build(spec["mounts"])  # type: ignore[arg-type]
    check(libc.umount2(b"/old", DETACH), "leave the machine's files")
    behind = os.open("/", os.O_DIRECTORY | os.O_RDONLY)
    os.chdir("/new")
    pivot(".", ".")
    os.fchdir(behind)
    check(libc.umount2(b".", DETACH), "leave the base")
    os.close(behind)
    os.chdir("/")
    restrict("/", NOSUID | NODEV | RDONLY, recursive=False)


def limit(limits: dict[str, int]) -> None:
    for name, value in limits.items():
        resource.setrlimit(getattr(resource, name), (value, value))


def run(spec: dict[str, object]) -> None:
    """Become the command; only returns by raising."""
    os.chdir(str(spec["cwd"]))
    limit(spec["limits"])  # type: ignore[arg-type]
    for capability in range(64):
        libc.prctl(CAPBSET_DROP, capability, 0, 0, 0)
    check(libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    os.execvpe(spec["argv"][0], spec["argv"], spec["env"])  # type: ignore[arg-type,index]


def first_process(spec: dict[str, object]) -> int:
    """Set up, start the command, reap whatever it leaves; the exit code, 128 + n for signal n."""
    libc.prctl(PDEATHSIG, 9, 0, 0, 0)
    leave_machine(spec)
    command = os.fork()
    if command == 0:
        try:
            run(spec)
        except OSError as error:
            print(f"sandbox: {error}", file=sys.stderr, flush=True)
        os._exit(FAILED)
    return reap(command)


def reap(wanted: int) -> int:
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == wanted:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def main() -> int:
    """Returns the command's exit code; 97 when the sandbox could not be made."""
    spec = json.loads(sys.argv[1])
    uid, gid = os.getuid(), os.getgid()
    check(libc.unshare(NEWUSER | NEWNS | NEWPID | NEWNET | NEWIPC | NEWUTS | NEWCGROUP), "unshare")
    libc.prctl(PDEATHSIG, 9, 0, 0, 0)
    write("/proc/self/setgroups", "deny")
    write("/proc/self/uid_map", f"{INSIDE_ID} {uid} 1")
    write("/proc/self/gid_map", f"{INSIDE_ID} {gid} 1")
    mount("none", "/", None, REC | SLAVE)
    loopback_up()
    first = os.fork()
    if first == 0:
        code = FAILED
        try:
            code = first_process(spec)
        except OSError as error:
            print(f"sandbox: {error}", file=sys.stderr, flush=True)
        os._exit(code)
    return reap(first)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except OSError as error:
        print(f"sandbox: {error}", file=sys.stderr)
        sys.exit(FAILED)
