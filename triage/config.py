"""Settings: flags over environment over the repo's `triage.toml` over the user's file."""

import dataclasses
import difflib
import math
import os
import tomllib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from triage import paths
from triage.domain.stable import STABLE_RUNS
from triage.errors import UsageError

REPO_FILE = "triage.toml"


@dataclass(frozen=True, slots=True)
class PathMap:
    """Frame paths that start with `stack` are files under `source` of the repo."""

    stack: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class IngestConfig:
    """The ingest server. Limits are bytes; `queue` is events waiting for the disk. `key` is the
    DSN's public key ("": one is made and kept beside the store)."""

    host: str = "127.0.0.1"
    port: int = 8765
    max_wire: int = 20_000_000
    max_body: int = 100_000_000
    max_event: int = 5_000_000
    queue: int = 2_000
    key: str = ""


@dataclass(frozen=True, slots=True)
class RunConfig:
    """How drafts run. `timeout` in seconds, `memory` in MB; `tier` forces a sandbox tier;
    `on_save` whether saving a draft in the app runs it."""

    timeout: float = 60.0
    memory: int = 2048
    tier: str = ""
    stable_runs: int = STABLE_RUNS
    on_save: bool = True


@dataclass(frozen=True, slots=True)
class ForgeConfig:
    """`kind` is "", "github" or "none" ("" finds out); `api` the API's base URL when it is
    not api.github.com; `base` the branch pull requests go to ("" asks the remote); `follow`
    whether the app asks by itself what became of them."""

    kind: str = ""
    api: str = ""
    remote: str = "origin"
    base: str = ""
    follow: bool = True


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens."""

    input: float
    output: float


@dataclass(frozen=True, slots=True)
class ClaudeConfig:
    """The model that drafts. `attempts` counts the first try. Prices are per model name."""

    model: str = "claude-sonnet-5-5"
    max_tokens: int = 8_000
    attempts: int = 3
    prices: Mapping[str, Price] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NotifyConfig:
    """What the app tells while one looks elsewhere; nothing unless `bell` or `desktop` is set.

    `desktop` is the sequence the terminal shows notifications for: "osc9" (iTerm2, kitty, WezTerm,
    Windows Terminal), "osc777" (urxvt, foot, Ghostty, VTE) or "". `level` is the least level told;
    `every` the seconds between two tellings at least: what comes meanwhile is told together.
    """

    bell: bool = False
    desktop: str = ""
    new: bool = True
    regressed: bool = True
    level: str = "error"
    every: float = 30.0


@dataclass(frozen=True, slots=True)
class Config:
    """All settings. `repo` is the checkout under triage; `python` its interpreter, if set."""

    repo: Path = field(default_factory=Path.cwd)
    store: str = ""
    python: str = ""
    tests: str = ""
    fix: str = ""
    theme: str = "triage-dark"
    remote: str = "suggest"
    path_map: tuple[PathMap, ...] = ()
    ingest: IngestConfig = field(default_factory=IngestConfig)
    run: RunConfig = field(default_factory=RunConfig)
    forge: ForgeConfig = field(default_factory=ForgeConfig)
    claude: ClaudeConfig = field(default_factory=ClaudeConfig)
    keys: Mapping[str, str] = field(default_factory=dict)
    views: Mapping[str, str] = field(default_factory=dict)
    notify: NotifyConfig = field(default_factory=NotifyConfig)

    @property
    def store_url(self) -> str:
        return self.store or paths.default_store_url()


ENVIRONMENT = {
    "TRIAGE_STORE": "store",
    "TRIAGE_PYTHON": "python",
    "TRIAGE_THEME": "theme",
    "TRIAGE_REPO": "repo",
    "TRIAGE_REMOTE": "remote",
}
SWITCHES = {"1": "on", "true": "on", "yes": "on", "0": "off", "false": "off", "no": "off"}
"""What people write into a variable that switches something."""


LEAST: Mapping[str, float] = {
    "ingest.port": 0,
    "ingest.max_wire": 1,
    "ingest.max_body": 1,
    "ingest.max_event": 1,
    "ingest.queue": 1,
    "run.timeout": 0.1,
    "run.memory": 64,
    "run.stable_runs": STABLE_RUNS,
    "claude.max_tokens": 1,
    "claude.attempts": 1,
    "notify.every": 1,
}
"""The smallest value that works, for settings that are numbers; less would only fail later."""

MOST: Mapping[str, float] = {"ingest.port": 65_535, "run.timeout": 86_400.0, "notify.every": 86_400.0}

ONE_OF: Mapping[str, tuple[str, ...]] = {
    "notify.desktop": ("", "osc9", "osc777"),
    "remote": ("suggest", "on", "off"),
    "notify.level": ("fatal", "error", "warning", "info", "debug"),
}
"""The words that a setting may be, for those that are not free text."""

_WORDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false", Path: "a path"}


def load_config(
    flags: Mapping[str, object] | None = None,
    environment: Mapping[str, str] | None = None,
    start: Path | None = None,
) -> Config:
    """Read all layers. `flags` holds only what the user typed (Config field names).

    Raises UsageError for a file that is not TOML, an unknown key or a value of the wrong
    type, naming the file and the nearest known key.
    """
    environment = os.environ if environment is None else environment
    layers: dict[str, object] = {}
    _merge(layers, _read(paths.config_file()))
    for variable, name in ENVIRONMENT.items():
        if value := environment.get(variable):
            layers[name] = SWITCHES.get(value.lower(), value) if name == "remote" else value
    typed = {name: value for name, value in (flags or {}).items() if value is not None}
    repo = Path(str(typed.get("repo") or layers.get("repo") or find_repo(start or Path.cwd())))
    from_environment = {name: layers[name] for name in ENVIRONMENT.values() if name in layers and name != "repo"}
    _merge(layers, _read(repo / REPO_FILE))
    if environment:
        for variable, name in ENVIRONMENT.items():
            if environment.get(variable) and name in from_environment:
                layers[name] = from_environment[name]
    _merge(layers, typed)
    layers["repo"] = repo.expanduser().resolve()
    built = typing.cast(Config, _build(Config, layers, "the command line or environment", ""))
    if built.views:
        from triage.domain.views import views_of

        views_of(built.views)
    return built


def find_repo(start: Path) -> Path:
    """The nearest folder upward that holds `.git` or `triage.toml`; else `start` itself."""
    for folder in (start, *start.parents):
        if (folder / ".git").exists() or (folder / REPO_FILE).exists():
            return folder
    return start


def _read(file: Path) -> dict[str, object]:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise UsageError(f"cannot read {file}", reason, "mend or remove the file") from error
    _build(Config, content, str(file), "")
    return content


def _merge(into: dict[str, object], over: Mapping[str, object]) -> None:
    for key, value in over.items():
        below = into.get(key)
        if isinstance(below, dict) and isinstance(value, Mapping):
            merged = dict(below)
            _merge(merged, value)
            into[key] = merged
        else:
            into[key] = value


def _build(kind: type, content: Mapping[str, object], where: str, prefix: str) -> object:
    """An instance of the dataclass `kind` from parsed TOML, checked field by field."""
    hints = typing.get_type_hints(kind)
    names = {item.name for item in dataclasses.fields(kind)}
    values: dict[str, object] = {}
    for key, value in content.items():
        if key not in names:
            near = difflib.get_close_matches(key, names, 1)
            hint = f"did you mean {prefix}{near[0]}?" if near else f"known: {', '.join(sorted(names))}"
            shown = key if key.isprintable() else repr(key)
            raise UsageError(f"unknown setting {prefix}{shown}", f"in {where}", hint)
        values[key] = _convert(hints[key], value, where, prefix + key)
    try:
        return kind(**values)
    except TypeError as error:
        absent = [
            item.name
            for item in dataclasses.fields(kind)
            if item.default is item.default_factory is dataclasses.MISSING and item.name not in values
        ]
        hint = f"add {', '.join(absent)}" if absent else str(error)
        raise UsageError(f"incomplete setting {prefix.rstrip('.')}", f"in {where}", hint) from error


def _convert(hint: object, value: object, where: str, name: str) -> object:
    origin = typing.get_origin(hint)
    arguments = typing.get_args(hint)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return value
    if isinstance(hint, type) and dataclasses.is_dataclass(hint) and isinstance(value, Mapping):
        return _build(hint, value, where, f"{name}.")
    if origin is tuple and isinstance(value, list | tuple):
        return tuple(_convert(arguments[0], item, where, name) for item in value)
    if origin in (Mapping, dict, typing.get_origin(Mapping[str, str])) and isinstance(value, Mapping):
        return {str(key): _convert(arguments[1], item, where, f"{name}.{key}") for key, item in value.items()}
    if hint is Path and isinstance(value, str | Path):
        return Path(value)
    if hint is float and isinstance(value, int | float) and not isinstance(value, bool):
        return _within(float(value), where, name)
    if name in ONE_OF and value not in ONE_OF[name]:
        allowed = ", ".join(word or '""' for word in ONE_OF[name])
        raise UsageError(f"wrong value for {name}", f"{value!r} in {where}", f"one of: {allowed}")
    if isinstance(hint, type) and not isinstance(hint, types.GenericAlias) and type(value) is hint:
        return _within(value, where, name) if isinstance(value, int) and hint is int else value
    wanted = (_WORDS.get(hint) if isinstance(hint, type) else None) or ("a list" if origin is tuple else "a table")
    raise UsageError(f"wrong value for {name}", f"{value!r} in {where} is not {wanted}", "see docs/configuration.md")


def _within(value: float, where: str, name: str) -> float:
    """The number, if it lies between what LEAST and MOST allow. Raises UsageError."""
    least, most = LEAST.get(name, -math.inf), MOST.get(name, math.inf)
    if math.isfinite(value) and least <= value <= most:
        return value
    allowed = f"from {least:g}" + (f" to {most:g}" if name in MOST else "") if name in LEAST else "a finite number"
    raise UsageError(f"wrong value for {name}", f"{value!r} in {where}", f"allowed: {allowed}")
