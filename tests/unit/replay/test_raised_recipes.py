"""Errors that want more than a message are made so that they print what production printed."""

import ast
import json
import subprocess
import urllib.error
from types import SimpleNamespace
from typing import cast

import pytest

from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.building.raised import _by_recipe, document


def builder_with(**variables: str) -> Builder:
    frames = [SimpleNamespace(variables=variables)]
    return cast(Builder, SimpleNamespace(scene=SimpleNamespace(frames=frames)))


def decode_error(text: str) -> json.JSONDecodeError:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error
    raise AssertionError


def unicode_error(data: bytes) -> UnicodeDecodeError:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error
    raise AssertionError


ERRORS: list[tuple[Exception, dict[str, str]]] = [
    (decode_error('{"a": 1,'), {"s": repr('{"a": 1,')}),
    (decode_error(""), {}),
    (unicode_error(b"\xff"), {}),
    (subprocess.CalledProcessError(3, "render"), {}),
    (subprocess.TimeoutExpired("render", 60), {}),
    (urllib.error.HTTPError("https://example.org/", 502, "Bad Gateway", None, None), {}),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("error", "variables"), ERRORS, ids=lambda item: type(item).__name__)
def test_an_error_made_again_prints_the_same(error: Exception, variables: dict[str, str]) -> None:
    mro = [f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__]
    made = _by_recipe(builder_with(**variables), ast.Name("kind"), mro, str(error))

    assert made is not None
    again = eval(ast.unparse(made), {"kind": type(error)})
    assert str(again) == str(error)


def test_other_errors_have_no_recipe() -> None:
    assert _by_recipe(builder_with(), ast.Name("kind"), ["builtins.ValueError"], "x") is None


def test_the_document_is_what_the_decoder_was_given() -> None:
    assert document(builder_with(s="'<html>'")) == "<html>"
    assert document(builder_with(other="'<html>'")) == ""
