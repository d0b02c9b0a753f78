"""Finds the user's token for a forge, and keeps it out of reprs, logs and argv."""

import base64
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field

GH_TIMEOUT = 5.0


@dataclass(frozen=True, slots=True)
class Token:
    """A forge token and where it came from ("GH_TOKEN", "gh auth token"); the repr hides it."""

    value: str = field(repr=False)
    source: str

    @property
    def basic(self) -> str:
        """The value of a Basic Authorization header; GitHub wants this user name for tokens."""
        return base64.b64encode(f"x-access-token:{self.value}".encode()).decode()

    def hide(self, text: str) -> str:
        """`text` without the token, should a server echo it."""
        return text.replace(self.value, "***").replace(self.basic, "***")


def find_token(host: str, environment: Mapping[str, str]) -> Token | None:
    """The token for `host`: the environment first, then `gh auth token`; None when there is none.

    Enterprise hosts look at GH_ENTERPRISE_TOKEN and GITHUB_ENTERPRISE_TOKEN first, as gh does.
    Blocks for as long as gh takes (at most 5 s).
    """
    names = ["GH_TOKEN", "GITHUB_TOKEN"]
    if not is_github_cloud(host):
        names = ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN", *names]
    for name in names:
        value = environment.get(name, "").strip()
        if usable(value):
            return Token(value, name)
    return _from_gh(host, environment)


def is_github_cloud(host: str) -> bool:
    """github.com and GitHub's hosted enterprise domains."""
    host = host.lower()
    return host in ("github.com", "ssh.github.com", "api.github.com") or host.endswith(".ghe.com")


def usable(value: str) -> bool:
    """Whether it can be sent in a header at all: printable ASCII without blanks."""
    return bool(value) and value.isascii() and value.isprintable() and " " not in value


def _from_gh(host: str, environment: Mapping[str, str]) -> Token | None:
    try:
        ran = subprocess.run(
            ["gh", "auth", "token", "--hostname", host],
            env={**environment, "GH_PROMPT_DISABLED": "1", "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=GH_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        # No gh, or a broken one: the same as having no token there, which is an answer.
        return None
    value = ran.stdout.strip()
    return Token(value, "gh auth token") if ran.returncode == 0 and usable(value) else None
