"""Repeats a test in forks of warm processes to see whether it always ends the same way."""

import asyncio
import json
import os
import secrets
from dataclasses import replace
from typing import cast

from triage.domain.event import Json
from triage.execution import drafted
from triage.execution.attempts import first_mode
from triage.execution.process import Exited, stream
from triage.execution.report import read_facts
from triage.execution.runner import Listening, RunRequest, command, order
from triage.execution.sandbox import require
from triage.execution.worktree import borrowed

SEEDS = (1, 4242)


async def repeat(request: RunRequest, runs: int) -> tuple[int, bool]:
    """Repetitions done, and whether any differed. Raises what `run_test` raises."""
    await asyncio.to_thread(require, request.tier)
    share = [runs - runs // 2, runs // 2]
    jobs = [
        _repeat_with(replace(request, hash_seed=seed, watch=False), count)
        for seed, count in zip(SEEDS, share, strict=True)
        if count
    ]
    endings = [ending for found in await asyncio.gather(*jobs) for ending in found]
    return len(endings), len(set(endings)) > 1


async def _repeat_with(request: RunRequest, count: int) -> list[str]:
    mode = first_mode(request.repo, request.interpreter_path, request.test_path, request.plugins)
    async with borrowed(request.repo, request.ref) as tree:
        test_file = await asyncio.to_thread(drafted.put, tree, request.test_path, request.test_source)
        key = secrets.token_bytes(32)
        received = bytearray()
        reader, writer = os.pipe()
        listening = Listening(reader, received)
        whole = order(request, tree, test_file, key, writer, mode)
        asked = {
            **whole,
            "args": [*cast(list[str], whole["args"]), "--tb=no"],
            "repeat": count,
            "seconds": request.timeout,
        }
        exited = Exited(0)
        try:
            running = stream(
                command(request, tree, mode),
                cwd=tree.path,
                timeout=request.timeout + 10,
                input=json.dumps(asked).encode(),
                pass_fds=(writer,),
            )
            async for item in running:
                if isinstance(item, Exited):
                    exited = item
        finally:
            os.close(writer)
            await listening.close()
            clean = exited.code >= 0 and not exited.timed_out
            await asyncio.shield(drafted.settle(tree, request.test_path, request.test_source, clean))
    return [_ending(item["facts"], request.test_name) for item in read_facts(bytes(received), key).of("repeat")]


def _ending(facts: Json, test_name: str) -> str:
    """What the draft's own test did in one repetition, as text to compare."""
    if not isinstance(facts, list):
        return json.dumps(facts)
    own = [
        item for item in facts if not isinstance(item, list) or not test_name or str(item[0]).endswith(f"::{test_name}")
    ]
    return json.dumps(own)
