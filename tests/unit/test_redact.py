"""Redaction: nothing secret stays, what stays still works, and twice is once."""

import ast
import base64
import json
import re
import time
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from triage import redact as redaction
from triage.domain.event import Json
from triage.redact import find_secrets, redact, redact_value, redact_with_summary
from triage.redact.fakes import is_card
from triage.redact.names import name_weight
from triage.redact.source import redact_source

SALT = b"a salt for tests"

SECRETS = {
    "GitHub": "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "GitHub fine-grained": "github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz0123456789ABCDEFGHIJ",
    "GitLab": "glpat-x7Kq2Lm9Zp4Rt6Vw1Ys8",
    "Slack": "xoxb-123456789012-123456789012-AbCdEfGhIjKlMnOpQrStUvWx",
    "Anthropic": "sk-ant-api03-Zx9Kq2Lm7Zp4Rt6Vw1Ys8Bd3Nf5Hg",
    "OpenAI": "sk-proj-Zx9Kq2Lm7Zp4Rt6Vw1Ys8Bd3Nf5Hg",
    "AWS key id": "AKIAIOSFODNN7EXAMPLE",
    "AWS secret": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "Google": "AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY",
    "Stripe": "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    "npm": "npm_aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5",
    "PyPI": "pypi-AgEIcHlwaS5vcmcCJDk4ZjVhMTIzLTQ1Njct",
    "SendGrid": "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",
    "Sentry": "sntrys_eyJpYXQiOjE3MDAwMDAwMDB9_abcDEF123",
    "JWT": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "hex key": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "base62": "Zx9Kq2Lm7Zp4Rt6Vw1Ys8Bd3",
    "e-mail": "ana.lopez@acme-shop.io",
    "card": "4111 1111 1111 1111",
    "amex": "378282246310005",
    "IP": "93.184.216.34",
    "Telegram": "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1",
}

NAMED = [
    "password={}",
    "password = '{}'",
    '{{"password": "{}"}}',
    '{{"user": {{"api_key" : "{}"}}}}',
    "{{'Authorization': 'Bearer {}'}}",
    "Authorization: Bearer {}",
    "--password {}",
    "https://bob:{}@db.acme-shop.io/x",
    "?user=1&access_token={}&x=2",
    "DB_PASSWORD={}\n",
    'self.client_secret = "{}"',
    "('X-Api-Key', '{}')",
    'secret: str = "{}"',
    'headers["X-Auth-Token"] = "{}"',
    '{{\\"password\\": \\"{}\\"}}',
    "passwd: {}\n",
    "Cookie: sid={}; theme=dark\n",
]


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("around", ["{}", "a {} b", '"{}"', "x={};", "<{}>", "{}\n", "repr: '{}'"])
def test_secrets_of_known_shape_are_found_wherever_they_stand(name: str, around: str) -> None:
    text = around.format(SECRETS[name])
    clean = redact(text, SALT)
    assert SECRETS[name] not in clean
    assert len(clean) == len(text)
    assert redact(clean, SALT) == clean
    assert find_secrets(clean) == ()


@pytest.mark.parametrize("around", NAMED)
@pytest.mark.parametrize("secret", ["hunter2", "correct-Horse9", "s3cr3t!#x", "p4ss.word"])
def test_a_telling_name_gives_its_value_away(around: str, secret: str) -> None:
    text = around.format(secret)
    clean = redact(text, SALT)
    assert secret not in clean
    assert len(clean) == len(text)
    assert redact(clean, SALT) == clean


@pytest.mark.parametrize(
    "text",
    [
        "KeyError: 'B2'",
        "token = get_token()",
        "password: str = None",
        "password=None, token=True",
        "secret = settings.SECRET",
        "Invalid password: must be longer",
        "unexpected token: expected ')'",
        "max_tokens=8000 token_count: 12",
        "/usr/lib/python3.11/site-packages/starlette/middleware/authentication.py",
        "test_checkout_rejects_order_2024_with_discount_code_and_free_shipping",
        "AuthenticationMiddlewareConfigurationError2",
        "123e4567-e89b-12d3-a456-426614174000",
        "2026-11-21T11:00:25.123456+00:00",
        "127.0.0.1 10.0.0.7 192.168.1.1 0.0.0.0",
        "Mozilla/5.0 Chrome/120.0.0.0 Safari/537.36",
        "bob@example.com, root@localhost, x@service.test",
        "4111111111111112 1700000000000",
        "password=[Filtered] token=****** secret=${SECRET} api_key=<key> password={password}",
        "a94a8fe5 deadbeef",
        "author=ana, secretary: bo, passenger=3, compass='north'",
        "x" * 200,
        "=" * 80,
        "https://docs.acme.io/password/reset?page=2",
        "new-style class for even basic wrapping of callables",
        '"module": "views.csrf", "lineno": 3',
        "['user', 'password', 'email']",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text, SALT) == text


def test_substitutes_keep_their_validity() -> None:
    assert is_card(redact("4111 1111 1111 1111", SALT).replace(" ", ""))
    assert redact("378282246310005", SALT).startswith("3")
    header, payload, signature = redact(SECRETS["JWT"], SALT).split(".")
    assert header == "eyJhbGciOiJIUzI1NiJ9"
    assert isinstance(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))), dict)
    assert len(signature) == 43
    IPv4Address(redact("93.184.216.34", SALT))
    assert re.fullmatch(r"[a-z]+\.[a-z]+@[a-z]+-[a-z]+\.io", redact("ana.lopez@acme-shop.io", SALT))
    assert bytes.fromhex(redact(SECRETS["hex key"], SALT))
    basic = redact("Authorization: Basic " + base64.b64encode(b"bob:hunter2").decode(), SALT).rpartition(" ")[2]
    assert re.fullmatch(rb"[a-z]{3}:[a-z]{6}\d", base64.b64decode(basic))
    assert redact(SECRETS["GitHub"], SALT).startswith("ghp_")
    assert redact("password=Ab1-cd", SALT) != "password=Ab1-cd"
    assert re.fullmatch(r"password=[A-Z][a-z]\d-[a-z]{2}", redact("password=Ab1-cd", SALT))


def test_equal_secrets_stay_equal_and_the_salt_decides() -> None:
    one, two = redact(f"{SECRETS['GitHub']} {SECRETS['GitHub']}", SALT).split()
    assert one == two == redact(SECRETS["GitHub"], SALT)
    assert redact(SECRETS["GitHub"], b"another salt") != one
    assert redact("a@acme.io", SALT) != redact("b@acme.com", SALT)


def test_a_named_secret_is_replaced_where_it_is_repeated() -> None:
    clean = redact("password='Tr0ub4dor' ... login failed for Tr0ub4dor", SALT)
    assert "Tr0ub4dor" not in clean


def test_private_keys_in_files_and_in_escaped_text() -> None:
    body = "MIIEowIBAAKCAQEAw7Zdfmec"
    for text in (
        f"-----BEGIN RSA PRIVATE KEY-----\n{body}\n{body}==\n-----END RSA PRIVATE KEY-----\nafter",
        f'"-----BEGIN PRIVATE KEY-----\\n{body}\\n-----END PRIVATE KEY-----\\n"',
        f"-----BEGIN OPENSSH PRIVATE KEY-----\n{body}",
    ):
        clean = redact(text, SALT)
        assert body not in clean
        assert clean.count("PRIVATE KEY") == text.count("PRIVATE KEY")
        assert clean.count("\\n") == text.count("\\n")
        assert redact(clean, SALT) == clean
    assert redact(text + "\nnot the key any more (really)", SALT).endswith("(really)")


def test_the_summary_counts_kinds() -> None:
    found = redact_with_summary("password=hunter2 a@acme.io b@acme.io", SALT)
    assert found.line == "2 x e-mail address, 1 x value of password"
    assert redact_with_summary("nothing", SALT).line == ""


def test_ips_can_stay() -> None:
    assert redact("93.184.216.34", SALT, ips=False) == "93.184.216.34"


VARIABLES: Json = {
    "password": "'hunter2'",
    "self": "<shop.Shop object at 0x7f01>",
    "user": {"name": "'Ana'", "api_key": "'abc'", "cvv": 123, "active": True, "email": "'ana@acme.io'"},
    "headers": [["Authorization", "Bearer abc123def456"], ["Accept", "*/*"], ["'X-Api-Key'", "'k1'"]],
    "credentials": {"id": 7, "nested": ["one", None]},
    "secret": None,
    "token": "'+'",
    "session_token": "b'\\x00abc1'",
    "config": "Config(password='hunter2', url='postgres://u:pw@h/d')",
    "auth_token": "Token(value='abc', ttl=3)",
    "api_key": "[Filtered]",
    "count": 12,
    "card": 4111111111111111,
    "bob@acme.io": 1,
    "ratio": 0.5,
}


def test_captured_values_are_looked_through() -> None:
    clean = redact_value("vars", VARIABLES, SALT)
    assert isinstance(clean, dict)
    text = json.dumps(clean)
    for secret in ("hunter2", "abc", "ana@acme.io", "u:pw@", "bob@acme.io", "4111111111111111", '"k1"', "one"):
        assert secret not in text.replace("'", '"')
    assert clean["self"] == "<shop.Shop object at 0x7f01>"
    assert clean["secret"] is None
    assert clean["token"] == "'+'"
    assert clean["api_key"] == "[Filtered]"
    assert clean["count"] == 12
    assert clean["ratio"] == 0.5
    assert re.fullmatch(r"'[a-z]{6}\d'", str(clean["password"]))
    assert str(clean["session_token"]).startswith("b'\\x00")
    assert re.fullmatch(r"Token\(value='[a-z]{3}', ttl=3\)", str(clean["auth_token"]))
    assert clean["user"]["active"] is True
    assert redact_value("vars", clean, SALT) == clean


def test_deep_values_end() -> None:
    value: Json = "x"
    for _ in range(5_000):
        value = [value]
    redact_value("x", value, SALT)


SOURCE = '''\
import os

API_KEY = "abc"  # password=hunter2
settings = {"password": "hunter2", "n": 41, 'token': f"{os.environ['T']}"}

def test_login(client, password="hunter2", token=None, pin=1234):
    """Logs ana@acme.io in."""
    client.headers["Authorization"] = f"Bearer {token}"
    secret = get_secret("name")
    assert client.post("https://u:pw123456@host/x", json={"password": password}).status_code == 200
    assert b"\\x00\\xff" != rb"\\d" and password == "hunter2"
    card = 4111111111111111
    key = """
-----BEGIN PRIVATE KEY-----
MIIEowIBAAKCAQEAw7Zdfmec
-----END PRIVATE KEY-----
"""
'''


def test_source_stays_source() -> None:
    clean = redact_source(SOURCE, SALT)
    before, after = ast.parse(SOURCE), ast.parse(clean)
    names = [node.id for node in ast.walk(before) if isinstance(node, ast.Name)]
    assert [node.id for node in ast.walk(after) if isinstance(node, ast.Name)] == names
    for secret in ("hunter2", '"abc"', "ana@acme.io", "pw123456", "4111111111111111", "MIIEow"):
        assert secret not in clean
    for kept in ('get_secret("name")', '"password": password', '"n": 41', "os.environ['T']"):
        assert kept in clean
    assert 'f"Bearer {token}"' in clean
    assert len(clean) == len(SOURCE)
    assert redact_source(clean, SALT) == clean


@pytest.mark.parametrize(
    "fragment",
    [
        '    password = "hunter2"\n  else:\n        x = 1\n',
        'foo(password="hunter2",\n',
        'x = """open\npassword = "hunter2"\n',
        'if x:\n\tpassword = "hunter2"\n        y = "hunter2"\n',
        '$ not python password="hunter2"\n',
    ],
)
def test_fragments_of_source_are_redacted_too(fragment: str) -> None:
    clean = redact_source(fragment, SALT)
    assert '"hunter2"' not in clean.split("y =")[0]
    assert len(clean) == len(fragment)


def test_lines_that_the_repository_has_already_stay() -> None:
    old = 'TOKEN = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"\n'
    new = old + '\npassword = "hunter2"\n'
    clean = redact_source(new, SALT, keep=old)
    assert clean.startswith(old)
    assert "hunter2" not in clean


def test_our_own_tests_and_the_standard_library_stay_parsable() -> None:
    folder = Path(ast.__file__).parent
    for name in ("argparse.py", "smtplib.py", "secrets.py", "netrc.py", "urllib/request.py", "imaplib.py"):
        source = (folder / name).read_text(encoding="utf-8")
        clean = redact_source(source, SALT)
        assert len(clean) == len(source)
        ast.parse(clean)


@pytest.mark.parametrize(
    ("name", "weight"),
    [
        ("password", 2), ("userPassword", 2), ("DB_PASSWORD", 2), ("apiKey", 2), ("x-api-key", 2), ("client_secret", 2),
        ("AWS_SECRET_ACCESS_KEY", 2), ("auth_token", 2), ("Set-Cookie", 2), ("password_hash", 2),
        ("creditCardNumber", 2),
        ("token", 1), ("session", 1), ("key", 1), ("tokens", 0), ("max_tokens", 0), ("token_count", 0), ("author", 0),
        ("secretary", 0), ("password_field", 0), ("keyboard", 0), ("compass", 0), ("", 0), ("a" * 500, 0),
    ],
)  # fmt: skip
def test_what_a_name_says(name: str, weight: int) -> None:
    assert name_weight(name) == weight


PIECES = st.one_of(
    st.sampled_from([*SECRETS.values(), *(around.format("hunter2x") for around in NAMED)]),
    st.sampled_from(
        [" ", "\n", "=", ":", "'", '"', "\\", ",", "@", ".", "/", "-", "_", "password", "token=", "{", "}"]
    ),
    st.text(max_size=12),
    st.from_regex(r"[A-Za-z0-9+/=_-]{1,60}", fullmatch=True),
)


@given(st.lists(PIECES, max_size=12).map("".join))
@example("glpat-x7Kq2Lm9Zp4Rt6Vw1Ys8password=hunter2x123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1")
@settings(max_examples=400, deadline=None, derandomize=True)
def test_any_text_keeps_its_length_loses_its_secrets_and_twice_is_once(text: str) -> None:
    clean = redact(text, SALT)
    assert len(clean) == len(text)
    assert find_secrets(clean) == ()
    assert redact(clean, SALT) == clean
    assert [char.isspace() for char in clean] == [char.isspace() for char in text]


NAMES = st.sampled_from(["password", "token", "a", "user"])
VALUES: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner),
    max_leaves=12,
)


@given(VALUES)
@settings(deadline=None)
def test_any_value_keeps_its_shape_and_twice_is_once(value: Json) -> None:
    clean = redact_value("data", value, SALT)
    assert redact_value("data", clean, SALT) == clean
    assert _shape(clean) == _shape(value)


def _shape(value: Json) -> object:
    if isinstance(value, dict):
        return {key: _shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shape(item) for item in value]
    return (type(value), len(value)) if isinstance(value, str) else type(value)


@pytest.mark.parametrize(
    "unit",
    ["a", "@", "a@", "1", "1.", "password", "password=", 'password="', "x://a:", "-----BEGIN PRIVATE KEY-----",
     "eyJaaaaaa.", "bearer ", "sk-", "\\", "a.b@", "4 ", "basic aaaa", "secret: '"],
)  # fmt: skip
def test_hostile_repetition_takes_time_in_proportion(unit: str) -> None:
    small, large = 20_000, 200_000
    redact(unit, SALT)
    started = time.perf_counter()
    redact(unit * (small // len(unit)), SALT)
    first = time.perf_counter() - started
    started = time.perf_counter()
    redact(unit * (large // len(unit)), SALT)
    assert time.perf_counter() - started < max(first * 40, 2.0)


def test_the_own_salt_is_kept_between_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path / "home"))
    redaction.own_salt.cache_clear()
    first = redaction.own_salt()
    redaction.own_salt.cache_clear()
    assert redaction.own_salt() == first
    assert len(first) == 16
    assert (tmp_path / "home" / "redaction.salt").stat().st_mode & 0o077 == 0
    monkeypatch.setenv("TRIAGE_HOME", "/proc/nowhere")
    redaction.own_salt.cache_clear()
    assert len(redaction.own_salt()) == 16
    redaction.own_salt.cache_clear()
