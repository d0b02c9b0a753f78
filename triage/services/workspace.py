"""What every service needs at hand: settings, the store, the checkout and its interpreter."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from triage.config import Config

if TYPE_CHECKING:
    from triage.codebase.interpreter import Interpreter
    from triage.codebase.line_coverage import OpenIndex
    from triage.store import Store


@dataclass
class Workspace:
    """One checkout under triage and the store with its issues.

    The store opens and the interpreter is looked for when first asked for; both are kept, and so
    is the coverage index. `styles` names, by issue, the test that somebody took as the model for
    the next draft.
    """

    config: Config
    styles: dict[int, str] = field(default_factory=dict)
    coverage: OpenIndex | None = None
    _store: Store | None = None
    _interpreter: Interpreter | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @classmethod
    def open(cls, config: Config) -> Workspace:
        """A workspace for these settings; opening the store may raise TriageError later."""
        return cls(config)

    @property
    def repo(self) -> Path:
        return self.config.repo

    @property
    def store(self) -> Store:
        if self._store is None:
            from triage.store import open_store

            self._store = open_store(self.config.store_url)
        return self._store

    async def interpreter(self) -> Interpreter:
        """The interpreter that runs the repo's tests. Raises TriageError when there is none."""
        async with self._lock:
            if self._interpreter is None:
                from triage.codebase.interpreter import find_interpreter

                self._interpreter = await find_interpreter(self.repo, self.config.python)
            return self._interpreter

    def close(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None
