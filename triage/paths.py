"""Where triage keeps its own files on this machine."""

import os
from pathlib import Path


def data_dir() -> Path:
    """Folder for the store and worktrees: `$TRIAGE_HOME`, else the platform's user data folder."""
    if home := os.environ.get("TRIAGE_HOME"):
        return Path(home).expanduser()
    from platformdirs import user_data_path

    return user_data_path("triage", appauthor=False)


def config_file() -> Path:
    """The user's own configuration: `$TRIAGE_HOME/config.toml` or the platform's place."""
    if home := os.environ.get("TRIAGE_HOME"):
        return Path(home).expanduser() / "config.toml"
    from platformdirs import user_config_path

    return user_config_path("triage", appauthor=False) / "config.toml"


def default_store_url() -> str:
    """The SQLite store used when nothing else is configured."""
    return f"sqlite:///{data_dir() / 'triage.db'}"


def log_file() -> Path:
    """The log that holds what the screen does not show (tracebacks among it)."""
    return data_dir() / "triage.log"


def scratch_dir() -> Path:
    """Parent of worktrees and sandbox homes; everything in it may be deleted at any time."""
    return data_dir() / "scratch"


def styles_dir() -> Path:
    """The folder with the Textual CSS, both in a checkout and in an installed wheel."""
    package = Path(__file__).parent
    installed = package / "styles"
    return installed if installed.is_dir() else package.parent / "styles"
