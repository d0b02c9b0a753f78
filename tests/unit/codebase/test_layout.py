"""Where repos of every shape keep their code and tests."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.codebase import layout
from triage.codebase.layout import import_roots, is_test_path, module_name, nearest_test_file, roots_of
from triage.domain.code_path import Coverage, CoveringTest


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.mark.parametrize(
    ("files", "roots"),
    [
        ({"shop/__init__.py": "", "tests/test_a.py": ""}, (".",)),
        ({"src/shop/__init__.py": "", "setup.py": ""}, ("src", ".")),
        (
            {
                "Lib/fontTools/__init__.py": "",
                "setup.py": "setup(package_dir={'': 'Lib'}, packages=find_packages('Lib'))",
            },
            ("Lib", "."),
        ),
        ({"python/shop/__init__.py": "", "setup.cfg": "[options]\npackage_dir =\n    = python\n"}, ("python", ".")),
        (
            {"code/shop/a.py": "", "pyproject.toml": "[tool.setuptools.packages.find]\nwhere = ['code']\n"},
            ("code", "."),
        ),
        (
            {"code/shop/a.py": "", "pyproject.toml": "[tool.poetry]\npackages = [{include = 'shop', from = 'code'}]\n"},
            ("code", "."),
        ),
        (
            {"code/shop/a.py": "", "pyproject.toml": "[tool.hatch.build.targets.wheel]\npackages = ['code/shop']\n"},
            ("code", "."),
        ),
        ({"code/shop/a.py": "", "pyproject.toml": "[tool.pytest.ini_options]\npythonpath = 'code'\n"}, ("code", ".")),
        ({"app.py": "", "requirements.txt": ""}, (".",)),
        (
            {
                "services/a/app/__init__.py": "",
                "services/a/pyproject.toml": "",
                "services/b/app/__init__.py": "",
                "services/b/requirements.txt": "",
            },
            ("services/a", "services/b", "."),
        ),
        ({"src/google/cloud/shop/__init__.py": "", "setup.py": ""}, ("src", ".")),
        (
            {
                "shop/__init__.py": "",
                "docs/conf.py": "",
                "docs/requirements.txt": "",
                "examples/x/pyproject.toml": "",
                "examples/x/y.py": "",
            },
            (".",),
        ),
        (
            {"shop/__init__.py": "", "pyproject.toml": "[tool.setuptools.packages.find]\nwhere = ['../..', '/etc']\n"},
            (".",),
        ),
        ({"shop/__init__.py": "", "pyproject.toml": "broken [", "setup.py": "def ("}, (".",)),
    ],
)
def test_import_roots(tmp_path: Path, files: dict[str, str], roots: tuple[str, ...]) -> None:
    assert import_roots(write(tmp_path, files)) == roots


def test_environments_and_caches_are_no_code(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "shop/__init__.py": "",
            "myenv/pyvenv.cfg": "",
            "myenv/lib/python3.11/site-packages/x/__init__.py": "",
            ".tox/a/setup.py": "",
        },
    )
    (tmp_path / "loop").symlink_to(tmp_path)
    assert import_roots(tmp_path) == (".",)


def test_module_names() -> None:
    roots = ("src", "services/a", ".")
    assert module_name("src/shop/orders.py", roots) == "shop.orders"
    assert module_name("src/shop/__init__.py", roots) == "shop"
    assert module_name("services/a/app/main.py", roots) == "app.main"
    assert module_name("tools/run.py", roots) == "tools.run"
    assert module_name("srcery/x.py", roots) == "srcery.x"


@pytest.mark.parametrize(
    "path",
    [
        "tests/test_a.py",
        "pkg/tests/helpers.py",
        "conftest.py",
        "pkg/a_test.py",
        "test_x.py",
        "t/tests.py",
        "Tests/x.py",
    ],
)
def test_paths_of_tests(path: str) -> None:
    assert is_test_path(path)


@pytest.mark.parametrize(
    "path", ["shop/orders.py", "shop/contest.py", "shop/testing_tools.py", "shop/latest.py", "tests/data.json"]
)
def test_paths_of_code(path: str) -> None:
    assert not is_test_path(path)


def test_folders_of_tests(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "tests/unit/test_a.py": "",
            "tests/test_b.py": "",
            "pkg/tests/test_c.py": "",
            "checks/x_test.py": "",
            "pytest.ini": "[pytest]\ntestpaths = checks\n",
        },
    )
    assert layout.test_folders(tmp_path) == ("checks", "tests", "pkg/tests")


def covering(path: str, depth: int = 0) -> CoveringTest:
    return CoveringTest(f"{path}::test_x", Coverage.CONTEXT, depth=depth)


@pytest.mark.parametrize(
    ("crash", "tests", "covered", "nearest"),
    [
        ("src/shop/orders.py", ["tests/test_orders.py", "tests/test_prices.py"], [], "tests/test_orders.py"),
        (
            "src/shop/orders.py",
            ["tests/test_api.py", "tests/test_flow.py"],
            ["tests/test_flow.py"],
            "tests/test_flow.py",
        ),
        (
            "src/shop/orders.py",
            ["tests/shop/test_orders.py", "tests/billing/test_orders.py"],
            [],
            "tests/shop/test_orders.py",
        ),
        (
            "shop/orders/total.py",
            ["tests/test_orders_total.py", "tests/test_orders.py"],
            [],
            "tests/test_orders_total.py",
        ),
        ("shop/orders.py", ["shop/orders_test.py", "tests/test_z.py"], [], "shop/orders_test.py"),
        ("shop/_wcswidth.py", ["tests/test_core.py", "tests/test_wcswidth.py"], [], "tests/test_wcswidth.py"),
        ("shop/orders.py", [], [], None),
        (
            "shop/orders.py",
            ["tests/test_orders.py", "tests/test_busy.py"],
            ["tests/test_busy.py"] * 2 + ["tests/test_orders.py"] * 2,
            "tests/test_orders.py",
        ),
    ],
)
def test_the_nearest_test_file(
    tmp_path: Path, crash: str, tests: list[str], covered: list[str], nearest: str | None
) -> None:
    write(tmp_path, {crash: "", "src/shop/__init__.py": "", **dict.fromkeys(tests, "")})
    assert nearest_test_file(tmp_path, crash, [covering(path) for path in covered]) == nearest


def test_imports_decide_where_names_say_nothing(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "shop/__init__.py": "",
            "shop/orders.py": "",
            "tests/test_a.py": "import json\n",
            "tests/test_b.py": "from shop import orders\n",
            "tests/test_c.py": "import shop\n",
        },
    )
    assert nearest_test_file(tmp_path, "shop/orders.py") == "tests/test_b.py"


@given(st.lists(st.text(alphabet="ab/._-", min_size=1, max_size=12), max_size=8), st.text(max_size=80))
def test_any_tree_has_roots(paths: list[str], text: str) -> None:
    files = [f"{path.strip('/')}.py" for path in paths]
    assert "." in roots_of(files, {"pyproject.toml": text, "setup.py": text, "setup.cfg": text})
