"""Our client's calls and our forge's answers, held against GitHub's own OpenAPI description.

Skipped unless GITHUB_OPENAPI names `api.github.com.deref.json` of npm `@octokit/openapi`
and jsonschema can be imported: neither is worth a dependency.
"""

import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.forge_story import BRANCH, TOKEN, Checkout
from triage.demo.forge_server import SeenCall

DESCRIPTION = os.environ.get("GITHUB_OPENAPI", "")
pytestmark = pytest.mark.skipif(not DESCRIPTION, reason="GITHUB_OPENAPI names no description")


@pytest.fixture(scope="module")
def paths() -> dict[str, Any]:
    pytest.importorskip("jsonschema")
    described: dict[str, Any] = json.loads(Path(DESCRIPTION).read_text(encoding="utf-8"))["paths"]
    return described


def operation(paths: dict[str, Any], call_path: str, method: str) -> dict[str, Any]:
    parts = call_path.split("/")
    template = {
        3: "/repos/{owner}/{repo}",
        4: "/repos/{owner}/{repo}/pulls",
        5: "/repos/{owner}/{repo}/pulls/{pull_number}",
    }
    described: dict[str, Any] = paths[template[len(parts)]][method.lower()]
    return described


def problems(schema: dict[str, Any], value: object) -> list[str]:
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft7Validator(_nullable(schema), format_checker=jsonschema.FormatChecker())
    return [f"{'/'.join(map(str, item.path))}: {item.message[:200]}" for item in validator.iter_errors(value)]


def _nullable(schema: Any) -> Any:
    """OpenAPI 3.0's `nullable` in words of JSON Schema."""
    if isinstance(schema, list):
        return [_nullable(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: _nullable(item) for key, item in schema.items() if key not in ("example", "examples")}
    return {"anyOf": [inner, {"type": "null"}]} if schema.get("nullable") is True else inner


async def test_requests_and_answers_fit_the_description(checkout: Checkout, paths: dict[str, Any]) -> None:
    await checkout.push()
    hub = await checkout.github()
    await hub.create_pull(BRANCH, "main", "title", "body")
    await hub.update_pull(1, "title", "body")
    await hub.close_pull(1)
    await hub.default_branch()
    for call in checkout.forge.seen:
        if isinstance(call.body, dict) and call.body:
            described = operation(paths, call.path, call.method)["requestBody"]["content"]["application/json"]["schema"]
            assert problems(described, call.body) == [], call
            assert set(call.body) <= set(described["properties"]), call
    calls = [
        SeenCall("GET", "repos/acme/shop/pulls", "state=all", {}, None),
        SeenCall("GET", "repos/acme/shop/pulls/1", "", {}, None),
        SeenCall("GET", "repos/acme/shop/pulls/99", "", {}, None),
        SeenCall("GET", "repos/acme/shop", "", {}, None),
        SeenCall("POST", "repos/acme/shop/pulls", "", {}, {"head": "nope", "base": "main", "title": "t"}),
        SeenCall("POST", "repos/acme/shop/pulls", "", {}, {"head": BRANCH, "base": "main", "title": "t"}),
        SeenCall("PATCH", "repos/acme/shop/pulls/1", "", {}, {"state": "closed"}),
    ]
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}", "User-Agent": "t"}) as client:
        for call in calls:
            url = f"{checkout.forge.api}/{call.path}?{call.query}"
            answer = await client.request(call.method, url, json=call.body)
            responses = operation(paths, call.path, call.method)["responses"]
            assert str(answer.status_code) in responses, (call, answer.status_code, answer.text)
            schema = responses[str(answer.status_code)]["content"]["application/json"]["schema"]
            assert problems(schema, answer.json()) == [], (call, answer.status_code)
