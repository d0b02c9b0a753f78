"""What text from outside (caller lines, reprs) may reach: the tables, and the one question put to them."""

import sys
from collections.abc import Sequence


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SAFE_MODULES = _words(
    """
    abc argparse array ast asyncio base64 binascii bisect calendar cmath codecs collections collections.abc
    concurrent.futures contextlib copy csv dataclasses datetime decimal difflib email email.message enum fractions
    functools gzip hashlib heapq hmac html html.parser http io ipaddress itertools json locale logging math numbers
    operator pathlib pprint queue random re secrets sqlite3 statistics string struct sys tempfile textwrap threading
    time tokenize types typing unicodedata unittest.mock urllib.parse uuid weakref wsgiref.util xml.dom.minidom
    xml.etree.ElementTree zipfile zlib zoneinfo
    """
)
SAFE_OS = _words("path pipe write close read fdopen sep linesep environ getcwd fspath fsencode fsdecode PathLike")
SAFE_PARTS = {"pickle": _words("dumps HIGHEST_PROTOCOL PicklingError"), "marshal": _words("dumps")}
UNSAFE_BUILTINS = _words("eval exec compile __import__ input breakpoint globals locals vars exit quit help")
UNSAFE_ATTRIBUTES = _words(
    """
    system popen spawn remove unlink rmtree rmdir rename replace_file kill fork execv execve chmod chown symlink_to
    write_text write_bytes hardlink_to connect create_connection check_output check_call Popen urlopen eval exec
    posix_spawn posix_spawnp spawnv spawnl forkpty startfile create_subprocess_shell create_subprocess_exec
    subprocess_shell subprocess_exec unsafe_load unsafe_load_all read_pickle
    """
)
UNSAFE_PACKAGES = _words("sh fabric paramiko pexpect plumbum invoke docker boto3 pip setuptools")
KNOWN_BY_MODULE = {
    "argparse": "ArgumentParser Namespace",
    "collections": "ChainMap Counter OrderedDict defaultdict deque namedtuple",
    "dataclasses": "dataclass",
    "datetime": "date datetime time timedelta timezone",
    "decimal": "Decimal",
    "fractions": "Fraction",
    "functools": "partial",
    "io": "BytesIO StringIO TextIOWrapper",
    "ipaddress": "IPv4Address IPv4Network IPv6Address IPv6Network",
    "operator": "attrgetter itemgetter",
    "pathlib": "Path PosixPath PurePath PurePosixPath PureWindowsPath WindowsPath",
    "random": "Random",
    "types": "MappingProxyType SimpleNamespace",
    "uuid": "UUID",
    "zoneinfo": "ZoneInfo",
}
KNOWN = {name: module for module, names in KNOWN_BY_MODULE.items() for name in names.split()}
ALIASES = {
    "ET": "xml.etree.ElementTree",
    "dt": "datetime",
    "np": "numpy",
    "nx": "networkx",
    "pd": "pandas",
    "plt": "matplotlib.pyplot",
    "sa": "sqlalchemy",
    "tz": "dateutil.tz",
}


def is_stdlib(module: str) -> bool:
    return module.split(".")[0] in sys.stdlib_module_names


def may_reach(module: str, chain: str, packages: Sequence[str]) -> bool:
    """Whether text from outside may name `module:chain` in a call that we run and write down."""
    top = module.split(".")[0]
    if top in packages:
        return True
    parts = set(chain.split(".")) if chain else set()
    if parts & UNSAFE_ATTRIBUTES or any(part.startswith("__") for part in parts):
        return False
    if top == "os":
        return not chain or chain.split(".")[0] in SAFE_OS or module == "os.path"
    if is_stdlib(module):
        return module in SAFE_MODULES or chain.split(".")[0] in SAFE_PARTS.get(module, ())
    return top not in UNSAFE_PACKAGES
