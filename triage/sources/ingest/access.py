"""Who may send events: the DSN's key, and which callers count as this machine."""

import contextlib
import hmac
import ipaddress
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from triage import paths
from triage.errors import Unavailable, UsageError

KEY_FILE = "ingest-key"
_KEY = re.compile(r"[0-9A-Za-z]{8,64}")
_FIELD = re.compile(r"(?:^|[\s,])sentry_key\s*=\s*([^\s,]+)")


class Denied(Exception):
    """The caller may not send. `status` is 401 without a key and 403 with a wrong one."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


def public_key(configured: str, store_url: str) -> str:
    """The DSN's key: the configured one, else the one kept beside the store (made on first use).

    Raises UsageError for a key that fits no DSN, Unavailable when it cannot be kept.
    """
    if configured:
        if not _KEY.fullmatch(configured):
            raise UsageError("ingest.key cannot stand in a DSN", configured[:80], "use 8 to 64 letters and digits")
        return configured
    file = key_folder(store_url) / KEY_FILE
    try:
        if not file.exists():
            _make_key(file)
        key = file.read_text(encoding="ascii", errors="replace").strip()
    except OSError as error:
        hint = "set ingest.key in triage.toml"
        raise Unavailable(f"cannot keep the DSN's key in {file}", str(error), hint) from error
    if not _KEY.fullmatch(key):
        raise Unavailable(f"{file} holds no key", f"{key[:40]!r}", "delete the file: the next start makes a new key")
    return key


def _make_key(file: Path) -> None:
    """Put a new key into `file` whole, unless another process was first."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{KEY_FILE}-{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(secrets.token_hex(16) + "\n")
        with contextlib.suppress(FileExistsError):
            os.link(draft, file)
    finally:
        draft.unlink()


def key_folder(store_url: str) -> Path:
    """The store's folder when it is a file, else triage's data folder."""
    scheme, _, path = store_url.partition(":///")
    return Path(path).expanduser().parent if scheme.startswith("sqlite") and path else paths.data_dir()


def keys_of(headers: Mapping[str, str], query: Mapping[str, str]) -> list[str]:
    """The keys in X-Sentry-Auth, Authorization and the query, in that order."""
    found = []
    for name in ("x-sentry-auth", "authorization"):
        value = headers.get(name, "")[:2_000]
        if value[:6].lower() == "sentry" and (field := _FIELD.search(value[6:])):
            found.append(field.group(1))
    if key := query.get("sentry_key"):
        found.append(key)
    return found


def key_of_dsn(dsn: str | None) -> str | None:
    """The public key in an envelope's DSN."""
    try:
        return urlsplit(dsn or "").username
    except ValueError:
        return None


def check(keys: list[str], expected: str) -> None:
    """Raise Denied unless every key given is ours, compared in constant time."""
    if not keys:
        raise Denied(401, "no sentry_key: send X-Sentry-Auth, ?sentry_key= or a DSN in the envelope's header")
    right = [hmac.compare_digest(key.encode("utf-8", "replace"), expected.encode()) for key in keys]
    if not all(right):
        raise Denied(403, "this sentry_key is not ours: compare the DSN with what `triage serve` prints")


def is_this_machine(host: str | None) -> bool:
    """Whether an address, or a host name as browsers send it, is loopback."""
    if not host:
        return False
    name = host.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return address.is_loopback or (mapped is not None and mapped.is_loopback)


def is_local_page(url: str) -> bool:
    """Whether an Origin header's page comes from this machine."""
    try:
        return is_this_machine(urlsplit(url).hostname)
    except ValueError:
        return False
