# ruff: noqa: E501
"""The lint of drafts: what it must notice, what it must leave alone, and that nothing breaks it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.drafting.lint import lint

GOOD = [
    "from shop import price_of\n\ndef test_it():\n    assert price_of('B2') is None\n",
    "from shop import price_of\n\nclass TestIt:\n    def test_it(self):\n        assert price_of('B2') == 3\n",
    'from shop import price_of\n\ndef test_it():\n    """Returning is the point (T-12)."""\n    price_of("B2")\n',
    "import pytest\nfrom shop import price_of, NotSold\n\ndef test_it():\n    with pytest.raises(NotSold):\n        price_of('B2')\n",
    "from shop import load\n\ndef test_it(tmp_path):\n    file = tmp_path / 'a.txt'\n    file.write_text('x')\n    assert load(file) == 'x'\n",
    "from shop import load\n\ndef test_it(tmp_path):\n    with open(tmp_path / 'a', 'w') as f:\n        f.write('x')\n    assert load(tmp_path)\n",
    "import asyncio\nfrom shop import work\n\nasync def test_it():\n    await asyncio.sleep(0)\n    assert await work() == 1\n",
    "def test_it(client):\n    response = client.get('/orders/B2')\n    assert response.status_code == 404\n",
    "import unittest\nfrom shop import f\n\nclass Orders(unittest.TestCase):\n    def test_it(self):\n        self.assertEqual(f(), 1)\n",
    "from shop import f\n\ndef test_it():\n    with open('data.json') as file:\n        assert f(file)\n",
    "from shop import TABLE\n\ndef test_it():\n    assert TABLE['x'] == 1\n",
]

BAD = [
    ("def f(:\n", "does not parse"),
    ("x = 1\n", "no test function"),
    ("from shop import f\ndef test_it():\n    f()\n", "asserts nothing"),
    ("def test_it():\n    assert True\n", "always true"),
    ("from shop import f\ndef test_it():\n    assert (f(), 'no')\n", "asserts a tuple"),
    ("from shop import f\ndef test_it():\n    x = f()\n    assert x == x\n", "with itself"),
    ("import pytest\nfrom shop import f\ndef test_it():\n    with pytest.raises(Exception):\n        f()\n", "accepts any error"),
    ("from pytest import raises\nfrom shop import f\ndef test_it():\n    with raises(BaseException):\n        f()\n", "accepts any error"),
    ("from shop import f\ndef test_it():\n    try:\n        f()\n    except Exception:\n        pass\n    assert f\n", "swallows"),
    ("import pytest\nfrom shop import f\n@pytest.mark.xfail\ndef test_it():\n    assert f()\n", "expected to fail"),
    ("import pytest\ndef test_it():\n    pytest.skip('x')\n", "skip"),
    ("import os\ndef test_it():\n    assert os.system('id') == 0\n", "starts a shell"),
    ("from os import system as s\ndef test_it():\n    assert s('id') == 0\n", "starts a shell"),
    ("import subprocess as sp\ndef test_it():\n    assert sp.run(['id'])\n", "starts a program"),
    ("from subprocess import run\ndef test_it():\n    assert run(['id'])\n", "starts a program"),
    ("import ctypes\ndef test_it():\n    assert ctypes.CDLL(None)\n", "native code"),
    ("def test_it():\n    assert eval('1')\n", "evaluates text"),
    ("import builtins\ndef test_it():\n    assert builtins.exec('1')\n", "executes text"),
    ("def test_it():\n    assert __import__('os').getcwd()\n", "computed name"),
    ("import time\nfrom shop import f\ndef test_it():\n    time.sleep(1)\n    assert f()\n", "sleeps"),
    ("import asyncio\nfrom shop import f\nasync def test_it():\n    await asyncio.sleep(1)\n    assert f()\n", "sleeps"),
    ("import requests\ndef test_it():\n    assert requests.get('http://x')\n", "uses the network"),
    ("import urllib.request\ndef test_it():\n    assert urllib.request.urlopen('http://x')\n", "uses the network"),
    ("import socket\ndef test_it():\n    assert socket.create_connection(('x', 1))\n", "uses the network"),
    ("from shop import f\ndef test_it():\n    open('/etc/x', 'w').write('x')\n    assert f()\n", "writes outside"),
    ("from pathlib import Path\nfrom shop import f\ndef test_it():\n    Path('x').write_text('x')\n    assert f()\n", "writes outside"),
    ("from pathlib import Path\nfrom shop import f\ndef test_it():\n    Path('x').open('a').write('x')\n    assert f()\n", "writes outside"),
    ("import shutil\ndef test_it():\n    assert shutil.rmtree('/') is None\n", "deletes files"),
    ("def test_it():\n    assert ().__class__.__base__.__subclasses__()\n", "reaches for __subclasses__"),
    ("from shop import f\npytest_plugins = ['evil']\ndef test_it():\n    assert f()\n", "loads pytest plugins"),
    ("from shop import f\ndef test_it():\n    x = '\u202e'\n    assert f(x)\n", "invisible character U+202E"),
    ("import os\nfrom shop import f\ndef test_it():\n    os.execv('/bin/sh', ['sh'])\n    assert f()\n", "starts a program"),
]  # fmt: skip


@pytest.mark.parametrize("source", GOOD)
def test_a_good_test_has_no_findings(source: str) -> None:
    assert lint(source) == []


@pytest.mark.parametrize(("source", "message"), BAD)
def test_a_bad_test_is_named(source: str, message: str) -> None:
    assert any(message in finding.message for finding in lint(source)), lint(source)


def test_findings_name_the_line() -> None:
    findings = lint("from shop import f\n\ndef test_it():\n    assert f()\n    eval('1')\n")
    assert [(finding.line, finding.refuses) for finding in findings] == [(5, True)]


@given(st.text(max_size=300))
def test_no_text_breaks_the_lint(source: str) -> None:
    lint(source)


def test_nesting_does_not_break_the_lint() -> None:
    lint("(" * 50_000)
    lint("x = " + "-" * 100_000 + "1")
    lint("a" * 500_000)
