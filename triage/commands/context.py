"""From parsed arguments to settings and a workspace."""

import argparse
from pathlib import Path

from triage.config import Config, load_config
from triage.services.workspace import Workspace


def config(options: argparse.Namespace) -> Config:
    """The settings, with what the user typed on top. Raises UsageError."""
    flags: dict[str, object] = {}
    for name in ("repo", "store", "python", "theme"):
        value = getattr(options, name, None)
        if value:
            flags[name] = str(Path(value).expanduser().absolute()) if name == "repo" else value
    if getattr(options, "remote", False):
        flags["remote"] = "on"
    return load_config(flags)


def workspace(options: argparse.Namespace) -> Workspace:
    """A workspace for these arguments."""
    return Workspace.open(config(options))
