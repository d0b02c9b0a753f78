"""Where a name lives in the target's interpreter, asked once and remembered."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class Asks(Protocol):
    """What answers introspection questions."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, Any]: ...


class Names:
    """Introspection with a memory. Paths are `module:chain`."""

    def __init__(self, server: Asks, packages: Sequence[str], modules: Sequence[str]) -> None:
        self.server = server
        self.packages = tuple(packages)
        self.modules = tuple(modules)
        self._memory: dict[tuple[str, ...], Any] = {}

    def describe(self, path: str) -> Mapping[str, Any]:
        """Kind, parameters and class facts of a path; `{"error": ...}` when there is no such thing."""
        key = ("describe", path)
        if key not in self._memory:
            found = self.server.ask("describe", paths=[path]).get("found") or {}
            self._memory[key] = found.get(path) or {"error": "no answer"}
        answer: Mapping[str, Any] = self._memory[key]
        return answer

    def exists(self, path: str) -> bool:
        return "error" not in self.describe(path)

    def is_top(self, name: str) -> bool:
        """Whether `import name` would find something."""
        if ("tops",) not in self._memory:
            self._memory["tops",] = frozenset(self.server.ask("tops").get("names") or ())
        return name in self._memory["tops",]

    def public(self, path: str) -> str:
        """The shortest public path of the same object, else `path`."""
        key = ("public", path)
        if key not in self._memory:
            module, _, chain = path.partition(":")
            private = any(part.startswith("_") for part in module.split("."))
            aliases = [
                item for item in self.server.ask("aliases", path=path).get("paths") or () if isinstance(item, str)
            ]
            best = path
            if aliases and (private or chain[:1] != "_"):
                best = aliases[0]
            self._memory[key] = best
        result: str = self._memory[key]
        return result

    def find(self, name: str, chain: Sequence[str] = (), deep: bool = False) -> list[str]:
        """Paths that a bare name may stand for: the stack's modules, the repo's packages, then all loaded."""
        key = ("find", name, ".".join(chain), str(deep))
        if key not in self._memory:
            modules = [*self.packages, *self.modules]
            answer = self.server.ask(
                "find", name=name, chain=list(chain), modules=modules, packages=list(self.packages), deep=deep
            )
            self._memory[key] = [item for item in answer.get("paths") or () if isinstance(item, str)]
        return list(self._memory[key])

    def elsewhere(self, name: str) -> list[str]:
        """Installed top-level packages whose `__init__` mentions the name and has it."""
        key = ("elsewhere", name)
        if key not in self._memory:
            answer = self.server.ask("elsewhere", name=name)
            self._memory[key] = [item for item in answer.get("paths") or () if isinstance(item, str)]
        return list(self._memory[key])

    def patterns(self, module: str, text: "str | bytes", found: "str | bytes") -> list[str]:
        """Regular expressions of a module (compiled or as text) that find `found` in `text`."""
        if isinstance(text, bytes) or isinstance(found, bytes):
            return []
        answer = self.server.ask("patterns", module=module, text=text, found=found)
        return [item for item in answer.get("paths") or () if isinstance(item, str)]

    def instances(self, path: str) -> list[str]:
        key = ("instances", path)
        if key not in self._memory:
            answer = self.server.ask("instances", path=path, packages=list(self.packages))
            self._memory[key] = [item for item in answer.get("paths") or () if isinstance(item, str)]
        return list(self._memory[key])

    def databases(self) -> Mapping[str, Any]:
        """`held`: [what, places] of module-level engines and session makers; `base`: whose metadata has the tables."""
        if ("databases",) not in self._memory:
            self._memory["databases",] = self.server.ask("databases", packages=list(self.packages))
        answer: Mapping[str, Any] = self._memory["databases",]
        return answer

    def heirs(self, path: str, method: str) -> list[str]:
        """Classes of the repo that extend the class at `path` and have its method as it is."""
        key = ("heirs", path, method)
        if key not in self._memory:
            answer = self.server.ask("heirs", path=path, method=method, packages=list(self.packages))
            self._memory[key] = [item for item in answer.get("paths") or () if isinstance(item, str)]
        return list(self._memory[key])
