"""Asks Claude for a regression test: one request, no tools; text in, one test file out, streamed."""

import ast
import asyncio
import importlib
import importlib.util
import json
import os
import warnings
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from triage.config import ClaudeConfig
from triage.domain.outside import one_line, printable
from triage.drafting.claude_errors import explain, refusal
from triage.drafting.claude_stream import FieldStream
from triage.drafting.prompt import Prompt, PromptInput, build_prompt, clean_output, fenced
from triage.errors import BadInput, Unavailable
from triage.redact.source import redact_source

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

__all__ = [
    "Attempt",
    "ClaudeDraft",
    "Prompt",
    "PromptInput",
    "build_prompt",
    "cost",
    "count_tokens",
    "draft",
    "estimate_tokens",
]

SILENCE = 120.0  # seconds without a byte; the server pings more often
CONNECT = 10.0
RETRIES = 2
KEPT_ATTEMPTS = 2
MAX_SOURCE = 200_000
SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {
        "path": {"type": "string", "description": "the test file, relative to the repository, with /"},
        "test_name": {"type": "string", "description": "the part of the test's id after ::"},
        "explanation": {"type": "string", "description": "why it fails now and passes once fixed"},
        "source": {"type": "string", "description": "the whole test file"},
    },
    "required": ["path", "test_name", "explanation", "source"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class ClaudeDraft:
    """One answer, checked: `path` lies in a tests folder and `test_name` is in `source`.

    `cost` is in US dollars, None when the model has no price in the configuration.
    """

    path: str
    source: str
    test_name: str
    explanation: str
    model: str
    input_tokens: int
    output_tokens: int
    cost: float | None
    prompt_hash: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """An earlier draft and what became of it; it goes back with the next try.

    `verdict` and `why` are how its run was judged, `output` the end of what pytest printed,
    `findings` what the lint said, `instruction` what the user wants changed.
    """

    path: str
    source: str
    test_name: str
    verdict: str = ""
    why: str = ""
    output: str = ""
    findings: tuple[str, ...] = ()
    instruction: str = ""
    explanation: str = ""


def unavailable_reason(environment: Mapping[str, str]) -> str | None:
    """Why Claude cannot be asked, in a few words with what to do; None when it can.

    Looks for credentials where the SDK does, without importing it (that takes a second).
    """
    if importlib.util.find_spec("anthropic") is None:
        return "the anthropic package is not installed: pip install anthropic"
    if any(environment.get(name) for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_PROFILE")):
        return None
    if environment.get("ANTHROPIC_FEDERATION_RULE_ID") and environment.get("ANTHROPIC_ORGANIZATION_ID"):
        return None
    folder = environment.get("ANTHROPIC_CONFIG_DIR")
    home = environment.get("HOME")
    place = Path(folder) if folder else Path(home) / ".config" / "anthropic" if home else None
    if place is not None and _has_profile(place):
        return None
    return "no key for Claude: set ANTHROPIC_API_KEY"


def _has_profile(folder: Path) -> bool:
    try:
        active = (folder / "active_config").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        active = ""
    name = PurePosixPath(active or "default").name
    return (folder / "configs" / f"{name}.json").is_file()


def cost(config: ClaudeConfig, input_tokens: int, output_tokens: int) -> float | None:
    """US dollars for so many tokens by the configured prices; None when the model has none."""
    price = config.prices.get(config.model)
    if price is None:
        return None
    return (input_tokens * price.input + output_tokens * price.output) / 1_000_000


def estimate_tokens(prompt: Prompt) -> int:
    """About how many tokens a prompt has, without asking anybody (3.5 characters a token)."""
    return round((len(prompt.system) + len(prompt.user)) / 3.5)


async def count_tokens(prompt: Prompt, config: ClaudeConfig, previous: tuple[Attempt, ...] = ()) -> int | None:
    """How many tokens would be sent, as the server counts them; None without credentials or
    network, when nobody can say. Sends the prompt, so ask the user first.

    Raises TriageError when the server refuses (a wrong key, an unknown model).
    """
    if unavailable_reason(os.environ):
        return None
    async with await _client() as client:
        try:
            counted = await client.messages.count_tokens(
                model=config.model, system=prompt.system, messages=_messages(prompt, previous), output_config=_output()
            )
        except Exception as error:
            shown = explain(error, config.model)
            if isinstance(shown, Unavailable) and shown.title.startswith("cannot reach"):
                return None
            raise shown from error
    return counted.input_tokens


async def draft(
    prompt: Prompt, config: ClaudeConfig, previous: tuple[Attempt, ...] = ()
) -> AsyncIterator[str | ClaudeDraft]:
    """Ask for a draft: yields the test file's text as it comes, at last the ClaudeDraft.

    `previous` are earlier attempts with their verdicts, oldest first; the last two are sent.
    Closing the generator ends the request. Raises TriageError: no credentials, refused by
    the server, no network, cut off by max_tokens, declined by the model, an unusable answer.
    """
    if reason := unavailable_reason(os.environ):
        raise Unavailable("Claude cannot be asked", *reason.split(": ", 1))
    stream = FieldStream("source")
    pieces: list[str] = []
    stop = ""
    used: dict[str, int] = {}
    async with await _client() as client:
        try:
            events = await client.messages.create(
                model=config.model,
                max_tokens=config.max_tokens,
                system=prompt.system,
                messages=_messages(prompt, previous),
                output_config=_output(),
                stream=True,
            )
            async with events:
                async for event in events:
                    if event.type == "message_start":
                        used["input"] = _input_tokens(event.message.usage)
                    elif event.type == "content_block_delta" and event.delta.type == "text_delta":
                        pieces.append(event.delta.text)
                        if shown := stream.feed(event.delta.text):
                            yield shown
                    elif event.type == "message_delta":
                        stop = event.delta.stop_reason or stop
                        used["output"] = event.usage.output_tokens
        except Exception as error:
            raise explain(error, config.model) from error
    if stop not in ("end_turn", "stop_sequence"):
        raise refusal(stop, config)
    yield _checked("".join(pieces), prompt, config, used.get("input", 0), used.get("output", 0))


def _input_tokens(usage: Any) -> int:  # the SDK's Usage; imported only when it is used
    """All input, whether it came from the server's cache or not."""
    cached = (usage.cache_creation_input_tokens or 0) + (usage.cache_read_input_tokens or 0)
    return int(usage.input_tokens) + cached


async def _client() -> "AsyncAnthropic":
    """The SDK's client, with its own search for credentials and ANTHROPIC_BASE_URL.

    Importing it takes a second, which the screen must not wait for.
    """
    anthropic = await asyncio.to_thread(importlib.import_module, "anthropic")

    try:
        timeout = anthropic.Timeout(SILENCE, connect=CONNECT)
        client: AsyncAnthropic = anthropic.AsyncAnthropic(timeout=timeout, max_retries=RETRIES)
    except Exception as error:
        raise explain(error, "") from error
    return client


def _output() -> Any:  # the SDK's OutputConfigParam, a TypedDict
    return {"format": {"type": "json_schema", "schema": SCHEMA}}


def _messages(prompt: Prompt, previous: tuple[Attempt, ...]) -> Any:  # the SDK's list of MessageParam
    messages: list[dict[str, str]] = [{"role": "user", "content": prompt.user}]
    for attempt in previous[-KEPT_ATTEMPTS:]:
        answer = {
            "path": attempt.path,
            "test_name": attempt.test_name,
            "explanation": attempt.explanation,
            "source": redact_source(attempt.source),
        }
        messages.append({"role": "assistant", "content": json.dumps(answer, ensure_ascii=False)})
        messages.append({"role": "user", "content": feedback(prompt, attempt)})
    return messages


def feedback(prompt: Prompt, attempt: Attempt) -> str:
    """What is said about an earlier attempt; its output is data like everything from outside."""
    parts = []
    if attempt.verdict:
        parts.append(f"The test was run on the code with the bug. Verdict: {one_line(attempt.verdict, limit=40)}.")
    if attempt.why:
        parts.append(fenced(prompt.fence, "why", clean_output(attempt.why)))
    if attempt.findings:
        parts.append(fenced(prompt.fence, "findings of the lint", clean_output("\n".join(attempt.findings))))
    if attempt.output:
        parts.append(fenced(prompt.fence, "end of pytest's output", clean_output(attempt.output)))
    if attempt.instruction:
        parts.append(f"The user asks: {clean_output(attempt.instruction)}")
    parts.append("Write the whole test file again so that it fails as production failed, and answer as before.")
    return "\n\n".join(parts)


def _checked(answer: str, prompt: Prompt, config: ClaudeConfig, input_tokens: int, output_tokens: int) -> ClaudeDraft:
    try:
        content = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise BadInput("Claude's answer is no draft", f"not JSON: {error}", "ask again") from error
    fields: dict[str, str] = {}
    for name in ("path", "test_name", "explanation", "source"):
        value = content.get(name) if isinstance(content, dict) else None
        if not isinstance(value, str):
            raise BadInput("Claude's answer is no draft", f"{name} is missing", "ask again")
        fields[name] = value
    source = _whole_file(fields["source"])
    return ClaudeDraft(
        path=checked_path(fields["path"], prompt.folders),
        source=source,
        test_name=_test_name(fields["test_name"], source),
        explanation=printable(fields["explanation"], limit=2_000),
        model=config.model,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        cost=cost(config, input_tokens, output_tokens),
        prompt_hash=prompt.hash,
    )


def checked_path(path: str, folders: tuple[str, ...]) -> str:
    """The path of a test file inside one of the test folders ("." is the repo's root).

    Raises BadInput for anything else: absolute paths, `..`, hidden folders, conftest.py.
    """
    parts = PurePosixPath(path).parts
    name = parts[-1] if parts else ""
    plain = path == "/".join(parts) and path.isprintable() and "\\" not in path and len(path) < 300
    hidden = any(part.startswith(".") or part.strip() != part for part in parts)
    is_test = name.endswith(".py") and (name.startswith("test_") or name.endswith("_test.py"))
    inside = any(
        folder in (".", "") or parts[: len(PurePosixPath(folder).parts)] == PurePosixPath(folder).parts
        for folder in folders
    )
    if not plain or path.startswith("/") or hidden or not is_test or not inside or ":" in path:
        allowed = ", ".join(folders)
        raise BadInput(
            "Claude chose a path that is no test file here",
            one_line(path, limit=200) or "(empty)",
            f"ask again; a test goes into {allowed} as test_*.py",
        )
    return path


def _whole_file(source: str) -> str:
    """The file without a Markdown fence around it, ending in one newline."""
    text = source.replace("\r\n", "\n").strip("\n")
    if text.startswith("```") and text.endswith("```") and text.count("\n") >= 2:
        text = text.split("\n", 1)[1].rsplit("\n", 1)[0]
    if not text.strip():
        raise BadInput("Claude's answer is no draft", "the test file is empty", "ask again")
    if len(text) > MAX_SOURCE:
        raise BadInput("Claude's answer is no draft", f"a test file of {len(text):,} characters", "ask again")
    return text + "\n"


def _test_name(named: str, source: str) -> str:
    """The test that the answer names, if the file has it; else its only or its last test."""
    named = named.rpartition(".py::")[2].strip()
    try:
        with warnings.catch_warnings(action="ignore"):  # odd escapes are the lint's business
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return one_line(named, limit=200) or "test"  # the run will say SYNTAX
    names: list[str] = []
    for node in tree.body:
        members = node.body if isinstance(node, ast.ClassDef) else [node]
        prefix = f"{node.name}::" if isinstance(node, ast.ClassDef) else ""
        names += [
            f"{prefix}{item.name}"
            for item in members
            if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) and item.name.startswith("test")
        ]
    if not names:
        raise BadInput("Claude's answer is no draft", "the file holds no test", "ask again")
    same = [name for name in names if name == named or name.rpartition("::")[2] == named.rpartition("::")[2]]
    return named if named in names else same[-1] if same else names[-1]
