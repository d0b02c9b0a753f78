"""Real servers on loopback that the contract tests talk to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.forge_story import TOKEN, Checkout, make_checkout
from triage.demo.forge_server import ForgeServer


@pytest.fixture
def forge(tmp_path: Path) -> Iterator[ForgeServer]:
    with ForgeServer(tmp_path / "forge", TOKEN) as server:
        yield server


@pytest.fixture
def checkout(tmp_path: Path, forge: ForgeServer) -> Checkout:
    return make_checkout(tmp_path / "shop", forge)
