"""Frame paths of every deployment, matched with the paths of a repo."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.codebase.stack_paths import FileTree, Origin, candidates, origin_of, read_path
from triage.config import PathMap
from triage.domain.event import Frame

FILES = [
    "src/shop/__init__.py",
    "src/shop/orders.py",
    "src/shop/json/__init__.py",
    "src/shop/_vendor/__init__.py",
    "src/shop/_vendor/requests/__init__.py",
    "src/shop/_vendor/requests/api.py",
    "services/billing/app/__init__.py",
    "services/billing/app/main.py",
    "services/mail/app/__init__.py",
    "services/mail/app/main.py",
    "manage.py",
    "tools/decoder.py",
    "tests/test_orders.py",
    "six_copy/six.py",
]
TREE = FileTree.of(FILES, ("src", "services/billing", "services/mail", "."))


def best(path: str, module: str | None = None, relative: str = "") -> list[str]:
    frame = Frame(relative or path, "f", 1, abs_path=path if relative else None, module=module)
    return [item.path for item in candidates(frame, TREE) if item.anchored]


@pytest.mark.parametrize(
    "path",
    [
        "/srv/app/lib/python3.11/site-packages/shop/orders.py",
        "/usr/lib/python3/dist-packages/shop/orders.py",
        "/app/src/shop/orders.py",
        "/app/shop/orders.py",
        "/usr/src/app/shop/orders.py",
        "/var/task/shop/orders.py",
        "shop/orders.py",
        "./src/shop/orders.py",
        "/home/ana/work/shop-checkout/src/shop/orders.py",
        "C:\\app\\shop\\orders.py",
        "C:\\Python311\\Lib\\site-packages\\shop\\orders.py",
        "\\\\?\\D:\\srv\\shop\\orders.py",
        "src\\shop\\orders.py",
        "D:/SRV/Shop/Orders.py",
        "/srv/app.pex/.deps/shop-1.0-py3-none-any.whl/shop/orders.py",
        "/srv/app.pyz/shop/orders.py",
        "/opt/shop-1.2-py3.11.egg/shop/orders.py",
        "/app/./lib/../shop//orders.py",
        "file:///app/shop/orders.py",
    ],
)
def test_one_file_under_many_roofs(path: str) -> None:
    assert best(path) == ["src/shop/orders.py"]


@pytest.mark.parametrize(
    ("path", "origin"),
    [
        ("/usr/local/lib/python3.11/json/decoder.py", Origin.STDLIB),
        ("/usr/lib64/python3.9/json/__init__.py", Origin.STDLIB),
        ("C:\\Python311\\Lib\\json\\__init__.py", Origin.STDLIB),
        ("C:\\Users\\x\\AppData\\Local\\Programs\\Python\\Python312\\Lib\\asyncio\\runners.py", Origin.STDLIB),
        ("/opt/pypy3/lib-python/3/json/decoder.py", Origin.STDLIB),
        ("/usr/lib/python311.zip/json/decoder.py", Origin.STDLIB),
        ("<frozen importlib._bootstrap>", Origin.STDLIB),
        ("<string>", Origin.GENERATED),
        ("/srv/service/<class 'networkx.argmap'> compilation 4", Origin.GENERATED),
        ("/srv/app/lib/python3.11/site-packages/requests/api.py", Origin.INSTALLED),
        ("", Origin.GENERATED),
        ("a\0b.py", Origin.INVALID),
        ("../../etc/passwd", Origin.INVALID),
    ],
)
def test_code_that_is_not_ours_has_no_candidate(path: str, origin: Origin) -> None:
    assert origin_of(Frame(path, "f", 1)) is origin
    assert best(path) == []


def test_a_base_name_alone_is_no_match_for_installed_or_standard_code() -> None:
    assert candidates(Frame("/usr/lib/python3.11/json/decoder.py", "decode", 1), TREE) == []
    assert candidates(Frame("/v/lib/python3.11/site-packages/other/decoder.py", "decode", 1), TREE) == []
    assert candidates(Frame("/v/lib/python3.11/site-packages/six.py", "wraps", 1), TREE) == []
    assert best("json/decoder.py", "json.decoder") == []


def test_a_vendored_copy_is_not_the_installed_package() -> None:
    assert best("/v/lib/python3.11/site-packages/requests/api.py", "requests.api") == []
    vendored = best("/v/lib/python3.11/site-packages/shop/_vendor/requests/api.py")
    assert vendored == ["src/shop/_vendor/requests/api.py"]


def test_two_services_with_the_same_layout_are_both_candidates() -> None:
    assert best("/app/app/main.py") == ["services/billing/app/main.py", "services/mail/app/main.py"]
    assert best("/app/mail/app/main.py")[0] == "services/mail/app/main.py"


def test_the_module_name_stands_in_for_a_useless_path() -> None:
    assert best("orders.py", "shop.orders") == ["src/shop/orders.py"]
    assert best("__init__.py", "shop.json") == ["src/shop/json/__init__.py"]


def test_the_configured_map_comes_first() -> None:
    frame = Frame("/deploy/current/backend/main.py", "f", 1)
    entries = (PathMap("/deploy/current", "nowhere"), PathMap("/deploy/current/backend", "services/mail/app"))
    found = candidates(frame, TREE, entries)
    assert [(item.path, item.mapped) for item in found] == [("services/mail/app/main.py", True)]


@pytest.mark.parametrize("stack", ["/deploy", "/deploy/", "deploy\\"])
def test_the_map_never_leaves_the_checkout(stack: str) -> None:
    frame = Frame("/deploy/../../../etc/passwd", "f", 1)
    assert candidates(frame, TREE, (PathMap(stack, "../.."),)) == []


@given(st.text(max_size=80), st.text(max_size=40), st.text(max_size=40))
def test_no_path_ever_leads_out_of_the_tree(path: str, module: str, stack: str) -> None:
    frame = Frame(path, "f", 1, abs_path=path, module=module)
    for item in candidates(frame, TREE, (PathMap(stack, module),)):
        assert item.path in TREE.paths


@given(
    st.lists(st.sampled_from(["..", ".", "", "a", "etc", "C:", "site-packages", "x.zip", "lib", "python3.11", "json"]))
)
def test_a_path_taken_apart_holds_no_dots(parts: list[str]) -> None:
    for text in ("/".join(parts), "\\".join(parts), "/" + "/".join(parts)):
        assert not {"..", ".", ""} & set(read_path(text).tail)
