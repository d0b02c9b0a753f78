"""What a candidate may not do by itself, however an event's lines and values came together to it."""

import ast

import pytest

from triage.drafting.replay.stack.danger import harm

IMPORTS = (
    "import argparse, asyncio, gzip, io, logging, operator, os, pathlib, sqlite3, subprocess, sys, tempfile, zipfile",
    "import functools",
    "import shop",
    "import shop.code",
    "from shop import shell, place, run_it",
    "from unittest import mock",
    "import xml.etree.ElementTree as ET",
)
HOMES = {
    "shop.shell.system": "posix",
    "shop.shell": "shop",
    "shop.place": "shop",
    "shop.run_it": "subprocess",
    "shop.code.parse": "shop.code",
    "shop.subprocess.run": "subprocess",
    "logging.os.system": "posix",
}


def said(source: str) -> str:
    return harm(IMPORTS, ast.parse(source).body, ("shop",), lambda path: HOMES.get(path, ""))


@pytest.mark.parametrize(
    "source",
    [
        "place(os.system('x'))",
        "place(shell.system('x'))",
        "place(shop.subprocess.run(['x']))",
        "place(run_it('x'))",
        "place(logging.os.system('x'))",
        "place(callback=os.system)",
        "place(functools.partial(exec, 'x'))",
        "place(map(__import__, ['x']))",
        "place(getattr(os, 'sys' + 'tem')('x'))",
        "place(getattr(shop, name))",
        "place(functools.reduce(getattr, ['system'], os))",
        "place(operator.methodcaller('system', 'x')(os))",
        "place(operator.attrgetter('os.system')(shop))",
        "place(sys.modules['os'])",
        "place(open('/etc/cron.d/x', 'w'))",
        "place(open('../x', mode='a'))",
        "place(gzip.open('/home/me/x', 'wb'))",
        "place(io.FileIO('~/x', 'w'))",
        "place(zipfile.ZipFile('/tmp/x', mode))",
        "place(sqlite3.connect('/var/lib/x.db'))",
        "place(logging.FileHandler('/var/log/x'))",
        "place(tempfile.NamedTemporaryFile(dir='/home/me/.config', delete=False))",
        "place(argparse.FileType('w')('/x'))",
        "place(pathlib.Path('/x').touch())",
        "place(ET.ElementTree().write('/x'))",
        "with mock.patch('shop.place', os.system):\n    place()",
        "def inner():\n    return subprocess.Popen(['x'])\nplace(inner)",
    ],
)
def test_harm_is_seen(source: str) -> None:
    assert said(source)


@pytest.mark.parametrize(
    "source",
    [
        "place(os.path.join('a', 'b'))",
        "place(os.environ['HOME'])",
        "place(getattr(order, 'total'))",
        "place(operator.itemgetter('system'))",
        "place(shop.code.parse('x'))",
        "place(eval_mode=True)",
        "place(open(tmp_path / 'x', 'w'))",
        "place(open('/srv/rows.csv'))",
        "place(sqlite3.connect(':memory:'))",
        "place(sqlite3.connect(str(tmp_path / 'x.db')))",
        "place(zipfile.ZipFile(io.BytesIO(), 'w'))",
        "place(tempfile.NamedTemporaryFile())",
        "monkeypatch.setattr(subprocess, 'run', fake)",
        "monkeypatch.setattr(shop.subprocess, 'run', fake)",
        "with mock.patch.object(subprocess, 'run', side_effect=subprocess.TimeoutExpired('x', 1)):\n    place()",
        "with mock.patch('subprocess.run', side_effect=subprocess.CalledProcessError(1, 'x')):\n    place()",
        "place(subprocess.CompletedProcess([], 0, ''))",
        "shop.write('/api/orders')",
        "place(path='/api/orders')",
        "result = place('__import__(\"os\")')",
    ],
)
def test_what_tests_do_is_let_through(source: str) -> None:
    assert said(source) == ""
