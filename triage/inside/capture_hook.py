"""Records, when an error happens, the values it happened with: typed, bounded, without running your code.

Two lines switch it on, before or after `sentry_sdk.init`:

    import triage_capture
    triage_capture.install()

For the frames of your own code it adds the arguments (and `self`), then the other variables, to
the event that sentry-sdk sends anyway, as the contexts `triage`, `triage 2`, ... One file, standard
library only, Python 3.8 and newer, any sentry-sdk from 1.0 on. Written by `triage capture`; docs/capture.md
in triage says what it costs and what it leaves out.

It reads objects through the interpreter's own descriptors only: no `repr`, no properties, no
`__getattr__`, no `__iter__`, `__eq__` or `__hash__` of yours is ever called, lazy attributes stay
unloaded, and no database is reached. Nothing runs until an error is sent, and it never raises.
"""

import base64
import collections
import enum
import io
import itertools
import json
import os
import re
import stat
import sys
import sysconfig
import threading
import time
import types

VERSION = 1
CONTEXT = "triage"
# Sentry keeps 8 kB of one context; every sentry-sdk lets the number of contexts alone.
PAGE_BYTES = 7_400
# The length at which sentry-sdk 1.0 cuts any text; newer ones say theirs in the option max_value_length.
OLDEST_CUT = 500
MOST_FRAMES = 60
MOST_ITEMS = 4_000
MOST_DEPTH = 40
SHORT_TEXT = 60  # longer ones are written once, however many frames hold them
MOST_ERRORS = 20
SHARE_OF_ARGUMENTS = 0.75
SHARE_OF_THE_REST = 0.3
SHARE_OF_SOURCES = 0.2
WHOLE_FILE = 8_000
MOST_LINES = 60
FILE_BYTES, CLOSED_FILE_BYTES = 65_536, 16_384

_SETTINGS = {"max_bytes": 96_000, "max_ms": 40.0, "in_app": (), "secrets": (), "per_minute": 60}
_STATE = threading.local()
_RECENT: "collections.deque[float]" = collections.deque(maxlen=10_000)
_INSTALLED: "list[bool]" = []


def install(max_bytes=96_000, max_ms=40.0, in_app=(), secrets=(), per_minute=60):
    """Switch the hook on for this process; calling it again changes the settings.

    An error costs at most about `max_bytes` in the event and `max_ms` milliseconds of processor
    time; at most `per_minute` errors are captured in a minute. `in_app` names packages of yours
    that are installed beside libraries; sentry-sdk's own in_app_include counts as well.
    `secrets` are further names whose values are left out.
    """
    _SETTINGS.update(
        max_bytes=int(max_bytes), max_ms=float(max_ms), in_app=tuple(in_app),
        secrets=tuple(word.lower() for word in secrets), per_minute=int(per_minute),
    )  # fmt: skip
    if not _INSTALLED:
        from sentry_sdk.scope import add_global_event_processor

        add_global_event_processor(process)
        _INSTALLED.append(True)


def process(event, hint):
    """An event processor (also good as `before_send`): the event, with the values if it is an error."""
    try:
        error = (hint or {}).get("exc_info")
        busy = getattr(_STATE, "busy", False) or CONTEXT in (event.get("contexts") or ())
        if error and not event.get("type") and not busy and _may_capture():
            _STATE.busy = True
            try:
                _attach(event, error[1])
            finally:
                _STATE.busy = False
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException:
        return event
    return event


before_send = process


def _may_capture():
    now = time.monotonic()
    while _RECENT and _RECENT[0] < now - 60:
        _RECENT.popleft()
    if len(_RECENT) >= _SETTINGS["per_minute"]:
        return False
    _RECENT.append(now)
    return True


def _attach(event, error):
    contexts = event.get("contexts")
    if type(contexts) is not dict:
        contexts = event["contexts"] = {}
    if CONTEXT in contexts or not isinstance(error, BaseException):
        return
    options = _client_options()
    try:
        whole = capture(error, options)
        hide = whole.pop("hide", ())
        text = json.dumps(whole, separators=(",", ":"))
        for secret in hide:  # wherever else it stands: in a tuple, a message, a line of source
            encoded = _as_json(secret)[1:-1]
            text = text.replace(encoded, "x" * len(encoded))
    except (RecursionError, MemoryError, RuntimeError, ValueError, TypeError) as problem:
        contexts[CONTEXT] = {"v": VERSION, "failed": type(problem).__name__}
        return
    cut = options.get("max_value_length", OLDEST_CUT)
    cut = PAGE_BYTES if cut is None else max(min(int(cut) - 10, PAGE_BYTES), 50)
    pages = [text[at : at + PAGE_BYTES] for at in range(0, len(text), PAGE_BYTES)]
    for number, page in enumerate(pages, 1):
        name = CONTEXT if number == 1 else "%s %d" % (CONTEXT, number)
        pieces = [page[at : at + cut] for at in range(0, len(page), cut)]
        contexts[name] = {"v": VERSION, "page": number, "pages": len(pages), "data": pieces}


def _client_options():
    sentry_sdk = sys.modules.get("sentry_sdk")
    try:
        client = sentry_sdk.get_client() if hasattr(sentry_sdk, "get_client") else sentry_sdk.Hub.current.client
        options = client.options
        return options if type(options) is dict else {}
    except Exception:
        return {}


def capture(error, options=None):
    """What is known of an exception's own frames, as JSON-ready values (the format: docs/capture.md)."""
    recorder = _Recorder(_SETTINGS["max_bytes"], _SETTINGS["max_ms"], _SETTINGS["secrets"])
    started = _clock()
    errors, frames = [], []
    for number, item in enumerate(_errors(error)):
        errors.append(_class_name(type(item)))
        frames += _own_frames(item, number, options or {})
    ordered = frames[:1] + frames[-1:] + frames[1:-1] if len(errors) == 1 and len(frames) > 2 else frames
    for record, frame in ordered:
        record["args"] = recorder.variables(frame, _arguments(frame.f_code))
    recorder.drain(SHARE_OF_ARGUMENTS)
    recorder.max_bytes = min(recorder.max_bytes, recorder.bytes + SHARE_OF_THE_REST * recorder.max_bytes)
    for record, frame in ordered:
        taken = set(record["args"])
        local = frame.f_locals
        record["locals"] = recorder.variables(frame, [name for name in local if name not in taken])
        if frame.f_globals is not local:
            record["globals"] = recorder.module_values(frame)
    recorder.drain(1.0)
    sources = _sources([frame for _, frame in frames], _SETTINGS["max_bytes"] * SHARE_OF_SOURCES)
    return {
        "v": VERSION,
        "python": list(sys.version_info[:3]),
        "errors": errors,
        "frames": [record for record, _ in frames],
        "objects": recorder.nodes,
        "cut": recorder.cut,
        "sources": sources,
        "hide": sorted(recorder.hide, key=len, reverse=True)[:100],
        "recursion": sys.getrecursionlimit(),
        "tz": list(time.tzname),
        "ms": round(1000 * (_clock() - started), 2),
    }


_as_json = json.encoder.encode_basestring_ascii
_clock = getattr(time, "thread_time", time.perf_counter)

# -- which frames ---------------------------------------------------------------------------

_LIBRARIES = re.compile(r"[\\/](?:site|dist)-packages[\\/]")
_STDLIB = tuple({os.path.realpath(sysconfig.get_path(key)) + os.sep for key in ("stdlib", "platstdlib")})
_BASE = BaseException.__dict__
_GROUP = getattr(__import__("builtins"), "BaseExceptionGroup", None)


def _errors(error):
    """The exception, what caused it, and the members of groups, each once."""
    found, queue = [], [error]
    while queue and len(found) < MOST_ERRORS:
        item = queue.pop(0)
        if item is None or any(item is other for other in found):
            continue
        found.append(item)
        if _GROUP is not None and _GROUP in _mro(type(item)):
            queue.extend(_GROUP.__dict__["exceptions"].__get__(item)[:MOST_ERRORS])
        cause = _BASE["__cause__"].__get__(item)
        if cause is None and not _BASE["__suppress_context__"].__get__(item):
            cause = _BASE["__context__"].__get__(item)
        queue.append(cause)
    return found


def _own_frames(error, number, options):
    trace, every = _BASE["__traceback__"].__get__(error), []
    while trace is not None and len(every) < 100_000:
        every.append(trace)
        trace = trace.tb_next
    inside = [(at, item) for at, item in enumerate(every) if _in_app(item.tb_frame, options)]
    if not inside:
        inside = list(enumerate(every))[-10:]
    if len(inside) > MOST_FRAMES:
        inside = inside[: MOST_FRAMES // 2] + inside[-MOST_FRAMES // 2 :]
    return [(_record(item, number, at, len(every)), item.tb_frame) for at, item in inside]


def _record(trace, number, at, total):
    code = trace.tb_frame.f_code
    module = trace.tb_frame.f_globals.get("__name__")
    rebound, mutated = _marks(code, trace.tb_lasti)
    return {
        "error": number, "at": at, "of": total, "file": code.co_filename, "line": trace.tb_lineno,
        "module": module if type(module) is str else "", "function": code.co_name,
        "rebound": rebound, "mutated": mutated, "args": {}, "locals": {}, "globals": {},
    }  # fmt: skip


def _in_app(frame, options):
    path = frame.f_code.co_filename
    module = frame.f_globals.get("__name__")
    module = module if type(module) is str else ""

    def named(prefixes):
        return any(module == item or module.startswith(item + ".") for item in prefixes or () if type(item) is str)

    if named(_SETTINGS["in_app"]) or named(options.get("in_app_include")):
        return True
    if named(options.get("in_app_exclude")) or module == __name__ or module.startswith("sentry_sdk."):
        return False
    if path.startswith("<") or _LIBRARIES.search(path):
        return False
    return not os.path.realpath(path).startswith(_STDLIB)


def _sources(frames, most):
    """Source lines of the programs that called the code that failed: of small files all, of others what ran.

    The code that failed lies in a repository; how it was called may not. Its program is known by
    its top-level package.
    """
    import linecache

    found = {}
    own = _top(frames[-1]) if frames else ""
    for frame in reversed(frames):
        file = frame.f_code.co_filename
        if _top(frame) == own or most <= 0:
            continue
        lines = linecache.getlines(file, frame.f_globals)[:20_000]
        parts = found.setdefault(file, [])
        if sum(map(len, lines)) <= min(WHOLE_FILE, most):
            parts = parts or [[1, "".join(lines)]]
        else:
            first = frame.f_code.co_firstlineno
            shown = [[first, "".join(lines[first - 1 : max(first + MOST_LINES, frame.f_lineno + 3) - 1])]]
            if not parts:
                shown += [[at, line] for at, line in enumerate(lines, 1) if line.startswith(("import ", "from "))][:50]
            parts = parts + shown
        most -= sum(len(text) for _, text in parts) - sum(len(text) for _, text in found[file])
        found[file] = [[at, masked(text)] for at, text in parts]
    return found


def _top(frame):
    module = frame.f_globals.get("__name__")
    return module.split(".")[0] if type(module) is str else ""


def _arguments(code):
    count = code.co_argcount + code.co_kwonlyargcount
    count += bool(code.co_flags & 0x04) + bool(code.co_flags & 0x08)
    return [name for name in code.co_varnames[:count] if not name.startswith(".")]


_MUTATORS = frozenset(
    "add append appendleft clear close difference_update discard extend extendleft insert intersection_update"
    " move_to_end pop popitem popleft put read readline readlines remove reverse rotate seek send setdefault sort"
    " truncate update write writelines".split()
)


def _marks(code, last):
    """Arguments that the code has bound anew, and those it has changed in place, as far as its bytecode tells."""
    import dis

    names, rebound, mutated, recent = set(_arguments(code)), set(), set(), []
    for step in itertools.islice(dis.get_instructions(code), 20_000):
        if step.offset >= last:
            break
        name, value = step.opname, step.argval
        if name.startswith(("STORE_FAST", "DELETE_FAST", "STORE_DEREF", "DELETE_DEREF")):
            bound = value[:1] if type(value) is tuple and "LOAD" in name else value
            rebound.update(names.intersection(bound if type(bound) is tuple else (bound,)))
        elif name in ("LOAD_ATTR", "LOAD_METHOD") and value in _MUTATORS and recent:
            mutated.update(names.intersection(recent[-1:]))
        elif name in ("STORE_ATTR", "DELETE_ATTR"):
            mutated.update(names.intersection(recent[-1:]))
        elif name in ("STORE_SUBSCR", "DELETE_SUBSCR"):
            mutated.update(names.intersection(recent[-2:]))
        if name.startswith(("LOAD_FAST", "LOAD_DEREF")):
            recent = recent[-3:] + list(value if type(value) is tuple else (value,))
        elif not name.startswith(("LOAD_CONST", "LOAD_SMALL_INT", "CACHE", "LOAD_GLOBAL")):
            recent = recent[-1:] if name in ("LOAD_ATTR", "LOAD_METHOD") and "STORE" in name else []
    return sorted(rebound), sorted(mutated)


# -- reading objects without running their code ---------------------------------------------------

_mro = type.__dict__["__mro__"].__get__
_class_dict = type.__dict__["__dict__"].__get__
_qualname = type.__dict__["__qualname__"].__get__
_module_of = type.__dict__["__module__"].__get__
_flags = type.__dict__["__flags__"].__get__
_RUNTIME = frozenset(
    "_asyncio _io _queue _socket _sqlite3 _ssl _thread asyncio concurrent logging multiprocessing queue select"
    " selectors sentry_sdk socket sqlite3 ssl subprocess threading unittest weakref".split()
)


def _class_name(kind):
    module = _module_of(kind)
    return "%s:%s" % (module if type(module) is str else "", _qualname(kind))


def _in_class(mro, name):
    """The first class attribute of that name, as it stands in the class; None when there is none."""
    for kind in mro:
        found = _class_dict(kind).get(name)
        if found is not None:
            return found
    return None


def _instance_dict(value, mro):
    for kind in mro:
        getter = _class_dict(kind).get("__dict__")
        if type(getter) in (types.GetSetDescriptorType, types.MemberDescriptorType):
            found = getter.__get__(value, type(value))
            return found if dict in _mro(type(found)) else {}
    return {}


def _slots(value, mro):
    found = {}
    for kind in mro:
        if not _flags(kind) & 0x200:  # not a class statement's: a builtin or C type
            continue
        for name, member in list(_class_dict(kind).items()):
            if type(member) is types.MemberDescriptorType and type(name) is str and name not in found:
                try:
                    found[name] = member.__get__(value, type(value))
                except AttributeError:
                    continue
    return found


def _from(module, name):
    """A class of a module that is loaded already; None otherwise. Nothing is imported."""
    loaded = sys.modules.get(module)
    return loaded.__dict__.get(name) if type(loaded) is types.ModuleType else None


# -- secrets -----------------------------------------------------------------------------------

_STRONG = frozenset(
    "password passwd passwort pwd passphrase secret secrets apikey apisecret accesskey secretkey privatekey"
    " authorization credential credentials cookie cookies setcookie sessionid csrf csrftoken xsrf xsrftoken jwt bearer"
    " cvv cvc ssn otp iban cardnumber ccnumber creditcard authtoken accesstoken refreshtoken idtoken clientsecret"
    " sharedsecret encryptionkey signingkey proxyauthorization xapikey xauthtoken connectionstring mysqlpwd pgpassword"
    .split()
)  # fmt: skip
_WEAK = frozenset("token session auth pin key signature sid dsn code pass hash nonce salt".split())
_STRONG_WORDS = frozenset(
    "password passwd passphrase secret apikey credential credentials cookie authorization jwt csrf".split()
)
_HARMLESS_LAST = frozenset(
    "url uri path name field label length len count limit min max type kind id policy reset expires expiry ttl age days"
    " hint prompt required enabled valid strength header prefix suffix class cls func manager provider form input error"
    .split()
)  # fmt: skip
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SECRET_TEXT = re.compile(
    r"(?<![A-Za-z0-9_-])(?:gh[pousr]_[A-Za-z0-9]{16,255}|github_pat_\w{20,255}|glpat-[\w.-]{16,255}"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,255}|sk-[\w-]{16,255}|[srp]k_(?:live|test)_[A-Za-z0-9]{10,255}"
    r"|(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA)[A-Z0-9]{16}(?![A-Za-z0-9])|AIza[\w-]{30,60}|ya29\.[\w-]{20,2000}"
    r"|SG\.[\w.-]{30,140}|(?:npm|hf|shpat|sntrys|sntryu|glsa|pypi|dckr_pat)[_-][\w=/+.-]{16,1000}"
    r"|eyJ[\w-]{5,4000}\.eyJ[\w-]{2,20000}\.[\w-]{0,4000})"
    r"|(?i:(?<![a-z0-9])(?:bearer|basic)[ \t]{1,4})[\w.~+/=-]{12,4000}"
    r"|(?<=://)[^\s/@:'\"<>\\?#]{0,200}:[^\s/@'\"<>\\]{1,500}(?=@)"
    r"|-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[A-Za-z0-9+/=\s:,-]{0,20000}"
)
_CARD = re.compile(r"(?<![A-Za-z0-9.])\d(?:[ -]?\d){12,18}(?![A-Za-z0-9]|\.\d)")
_VISIBLE = re.compile(r"[A-Za-z0-9]")


def secret_weight(name):
    """2: what bears this name is secret; 1: it is when it looks like it; 0: not by its name."""
    if len(name) > 200:
        return 0
    words = [word.lower() for word in _WORD.findall(name)]
    if not words:
        return 0
    joined = "".join(words)
    if joined in _SETTINGS["secrets"] or name.lower() in _SETTINGS["secrets"]:
        return 2
    pairs = {first + second for first, second in zip(words, words[1:])}
    if joined in _STRONG or words[-1] in _STRONG or (pairs & _STRONG and words[-1] not in _HARMLESS_LAST):
        return 2
    if words[-1] in _HARMLESS_LAST:
        return 0
    if _STRONG_WORDS.intersection(words):
        return 2
    return 1 if words[-1] in _WEAK else 0


def _looks_secret(text):
    return (
        8 <= len(text) < 10_000
        and not any(char.isspace() for char in text)
        and any(char.isdigit() for char in text)
        and any(char.isalpha() for char in text)
    )


def _is_card(text):
    digits = [int(char) for char in text if char.isdigit()]
    total = sum(one if (len(digits) - at) % 2 else sum(divmod(2 * one, 10)) for at, one in enumerate(digits))
    return digits[0] in (2, 3, 4, 5, 6) and len(set(digits)) > 1 and total % 10 == 0


def _hidden(match):
    """The same length and shape, without the secret."""
    return "".join("0" if char.isdigit() else "x" if char.isalpha() else char for char in match.group())


def masked(text):
    """Text with secrets in it (tokens, keys, passwords in URLs, card numbers) overwritten, length kept."""
    if len(text) < 8:
        return text
    text = _SECRET_TEXT.sub(_hidden, text)
    return _CARD.sub(lambda match: _hidden(match) if _is_card(match.group()) else match.group(), text)


# -- values as nodes -------------------------------------------------------------------------------


class _Recorder:
    """Writes values breadth first into a flat table, so that depth, sharing and cycles cost nothing.

    A value is a JSON scalar, `[n]` (see `nodes[n]`) or `[kind, ...]`. What does not fit into the
    budget becomes `["cut", type]`, what cannot be recorded `["no", why, type]`, and what is secret
    `["secret", type, length]`.
    """

    def __init__(self, max_bytes, max_ms, secrets):
        self.nodes, self.queue, self.kept, self.index = [], collections.deque(), [], {}
        self.bytes, self.max_bytes = 0, int(max_bytes * 0.8)  # quotes of JSON inside JSON take two bytes
        self.most_text = max(max_bytes // 2, 1_000)
        self.deadline = _clock() + max_ms / 1000.0
        self.cut = {"cut": 0, "secret": 0, "masked": 0}
        self.over = False
        self.hide = set()
        self.leaves = _leaves()

    # -- frames ------------------------------------------------------------------------

    def variables(self, frame, names):
        local = frame.f_locals
        found = {}
        for name in names[:MOST_ITEMS]:
            if type(name) is str and not name.startswith((".", "__")) and name in local:
                self.bytes += len(name) + 4
                found[name] = self.reference(local[name], 0, name)
        return found

    def module_values(self, frame):
        """Plain values of the module that the frame's code mentions: constants, caches, registries."""
        found = {}
        for name in frame.f_code.co_names[:200]:
            if name in frame.f_globals and not name.startswith("__"):
                value = frame.f_globals[name]
                if type(value) not in _NOT_DATA and type not in _mro(type(value)):
                    found[name] = self.reference(value, 1, name)
        return found

    def drain(self, share):
        """Fill the nodes in the order in which they were met, until that share of the budget is used."""
        limit, until = self.max_bytes * share, self.deadline
        count = 0
        while self.queue and self.bytes < limit and not self.over:
            at, value, depth = self.queue.popleft()
            try:
                node = self.node(value, depth)
            except Exception as problem:
                node = ["no", type(problem).__name__, _class_name(type(value))]
            self.nodes[at] = node
            count += 1
            self.over = count % 16 == 0 and _clock() > until
        if share >= 1.0 or self.over:
            for at, value, _ in self.queue:
                self.nodes[at] = self.cutting(value)
            self.queue.clear()

    def cutting(self, value):
        self.cut["cut"] += 1
        return ["cut", _class_name(type(value))]

    # -- one value -----------------------------------------------------------------------

    def reference(self, value, depth, name=""):
        """A scalar or a small leaf itself; of anything else `[n]`, to be filled later."""
        kind = type(value)
        if value is None or kind is bool:
            return value
        weight = secret_weight(name) if name else 0
        if weight == 2 or (weight == 1 and str in _mro(kind) and _looks_secret(str.__str__(value))):
            return self.secret(value)
        if kind is int and -(2**53) < value < 2**53:
            self.bytes += 8
            return value
        long = (kind is str or kind is bytes) and len(value) > SHORT_TEXT
        if kind is str and not long:
            return self.text(value)
        leaf = self.leaves.get(kind)
        apart = leaf in _APART or (leaf is _function and value.__closure__)  # they may hold each other
        if leaf is not None and not long and not apart and depth <= MOST_DEPTH:
            found = leaf(self, value, depth)
            self.bytes += 12
            return found
        if id(value) in self.index:
            return [self.index[id(value)]]
        if depth > MOST_DEPTH or self.full():
            return self.cutting(value)
        at = self.index[id(value)] = len(self.nodes)
        self.kept.append(value)
        self.nodes.append(None)
        self.queue.append((at, value, depth))
        self.bytes += 28  # also what is written when it is never reached
        return [at]

    def secret(self, value):
        self.cut["secret"] += 1
        if str in _mro(type(value)):
            text = str.__str__(value)
            if _looks_secret(text) or 12 <= len(text) < 10_000:
                self.hide.add(text)
        length = len(value) if type(value) in (str, bytes, list, tuple, dict) else 0
        return ["secret", _class_name(type(value)), length]

    def text(self, value):
        if len(value) > self.most_text:
            self.cut["cut"] += 1
            self.bytes += 2_000
            return ["text", masked(value[:2_000]), len(value)]
        shown = masked(value)
        if shown != value:
            self.cut["masked"] += 1
        self.bytes += len(_as_json(shown))
        if self.bytes > self.max_bytes + self.most_text:
            return self.cutting(value)
        return shown

    def number(self, value, depth):
        return ["int", hex(value)] if value.bit_length() < 40_000 else self.cutting(value)

    def real(self, value, depth):
        return value if value - value == 0 else ["float", repr(value)]

    def binary(self, value, depth, kind="bytes"):
        if len(value) > self.most_text:
            self.cut["cut"] += 1
            return ["text", "", len(value)]
        content = bytes(value)
        if all(byte < 128 for byte in content[:200]) and content.isascii():
            shown = self.text(content.decode("ascii"))
            return [kind, shown] if type(shown) is str else shown
        self.bytes += len(content) * 4 // 3
        return [kind, base64.b64encode(content).decode("ascii"), 64]

    def items(self, values, depth):
        """References to the items of an iterator of the interpreter's own."""
        found = []
        for item in values:
            if self.full() or len(found) >= MOST_ITEMS:
                found.append(self.rest())
                break
            found.append(self.reference(item, depth + 1))
        return found

    def pairs(self, found, depth):
        """Keys and values of a dict, of its subclasses too, by the dict's own means."""
        pairs = []
        for key, value in list(itertools.islice(found, MOST_ITEMS + 1)):
            if self.full() or len(pairs) >= MOST_ITEMS:
                pairs.append([self.rest(), None])
                break
            name = key if type(key) is str else ""
            pairs.append([self.reference(key, depth + 1), self.reference(value, depth + 1, name)])
        return pairs

    def state(self, values, depth):
        found = {}
        for name, value in list(values.items())[:500]:
            if type(name) is str:
                self.bytes += len(name) + 4
                found[name] = self.cutting(value) if self.full() else self.reference(value, depth + 1, name)
        return found

    def full(self):
        return self.over or self.bytes >= self.max_bytes

    def rest(self):
        self.cut["cut"] += 1
        return ["cut", "rest"]

    def node(self, value, depth):
        kind = type(value)
        maker = _CONTAINERS.get(kind) or self.leaves.get(kind)
        if maker is not None:
            return maker(self, value, depth)
        return self.instance(value, kind, depth)

    def instance(self, value, kind, depth):
        mro = _mro(kind)
        name = _class_name(kind)
        if type in mro:
            return _class(self, value, depth)
        if types.ModuleType in mro:
            return ["module", str(_instance_dict(value, mro).get("__name__"))]
        if enum.Enum in mro:
            inner = _instance_dict(value, mro)
            member = inner.get("_name_")
            if type(member) is str and "|" not in member:
                return ["enum", name, member]
            return ["enum of", name, self.reference(inner.get("_value_"), depth + 1)]
        for base, maker in _STREAMS:
            if base in mro:
                return maker(self, value, depth)
        fields = _instance_dict(value, mro)
        special = _SPECIAL.get(name)
        if special is not None:
            return special(self, value, fields, name, depth)
        if name.partition(":")[0].partition(".")[0] in _RUNTIME:
            return ["no", "part of the runtime", name]
        if name.startswith(("numpy", "pandas", "pytz", "dateutil.tz")):
            found = _of_numbers(self, value, mro, depth)
            if found is not None:
                return found
        slots = _slots(value, mro)
        style = _style(mro, fields)
        if style == "sqlalchemy":
            fields = {key: item for key, item in dict.items(fields) if key != "_sa_instance_state"}
        elif style == "django":
            fields = {key: item for key, item in dict.items(fields) if key != "_state"}
        elif style == "peewee":
            fields = fields.get("__data__")
            fields = fields if type(fields) is dict else {}
        else:
            fields = dict(dict.items(fields))
            fields.update(slots)
        inner = self.base_value(value, mro, depth)
        if inner is None and not fields and not _flags(kind) & 0x200 and BaseException not in mro:
            return ["no", "opaque", name] if kind is not types.SimpleNamespace else ["object", name, "", {}]
        state = self.state(fields, depth)
        if inner is not None and tuple in mro and type(_in_class(mro, "_fields")) is tuple:
            return ["namedtuple", name, list(map(str, _in_class(mro, "_fields"))), inner]
        if inner is not None:
            return ["sub", name, inner, state]
        if BaseException in mro:
            return ["error", name, self.reference(_BASE["args"].__get__(value), depth + 1), state]
        return ["object", name, style, state]

    def base_value(self, value, mro, depth):
        """The builtin or standard value that an instance of a subclass holds."""
        for base in mro[1:]:
            if base is str:
                return self.text(str.__str__(value))
            if base is bytes:
                return self.binary(bytes.__getitem__(value, slice(None)), depth)
            if base in _CONTAINERS:
                return _CONTAINERS[base](self, value, depth)
            if base is int:
                return self.reference(int.__int__(value), depth)
            if base is float:
                return self.real(float.__float__(value), depth)
            if base in self.leaves and base not in _NOT_DATA and base is not type:
                return self.leaves[base](self, value, depth)
        return None


def _style(mro, fields):
    if "_sa_instance_state" in fields:
        return "sqlalchemy"
    if "_state" in fields and _in_class(mro, "_meta") is not None:
        return "django"
    if "__data__" in fields and _in_class(mro, "_meta") is not None:
        return "peewee"
    if _in_class(mro, "__attrs_attrs__") is not None:
        return "attrs"
    if any(_class_name(kind) in ("pydantic.main:BaseModel", "pydantic.v1.main:BaseModel") for kind in mro):
        return "pydantic"
    if _in_class(mro, "__dataclass_fields__") is not None:
        return "dataclass"
    if _in_class(mro, "__struct_fields__") is not None:
        return "struct"
    return ""


# -- containers: one entry a type ----------------------------------------------------------------------


def _sequence(base, word):
    return lambda self, value, depth: [word, self.items(base.__iter__(value), depth)]


def _mapping(base, word):
    return lambda self, value, depth: [word, self.pairs(base.items(value), depth)]


def _default_dict(self, value, depth):
    factory = collections.defaultdict.__dict__["default_factory"].__get__(value)
    return ["defaultdict", self.pairs(dict.items(value), depth), self.reference(factory, depth + 1)]


def _deque(self, value, depth):
    longest = collections.deque.__dict__["maxlen"].__get__(value)
    return ["deque", self.items(collections.deque.__iter__(value), depth), longest]


def _partial(self, value, depth):
    given = self.pairs(dict.items(value.keywords), depth)
    return ["partial", self.reference(value.func, depth + 1), self.items(iter(value.args), depth), given]


def _method(self, value, depth):
    return ["method", self.reference(value.__self__, depth + 1), _function_name(value.__func__)]


def _iterator(self, value, depth):
    """What an iterator still has to give, by the interpreter's own way of copying it."""
    made = value.__reduce__()
    position = made[2] if len(made) > 2 and type(made[2]) is int else 0
    return ["iterator", self.reference(made[1][0] if made[1] else (), depth + 1), position]


def _view(self, value, depth):
    return ["view", type(value).__name__, self.items(iter(value), depth)]


def _match(self, value, depth):
    return ["match", self.reference(value.re, depth), self.reference(value.string, depth), value.pos, value.endpos]


def _array(self, value, depth):
    return ["array", value.typecode, self.items(iter(value.tolist()), depth)]


def _made(path, parts):
    """A value that its type makes again of these parts."""
    return lambda self, value, depth: ["made", path, self.items(iter(parts(value)), depth)]


def _proxied(self, value, depth):
    """A read-only view of a dict; of no other mapping, whose code would run."""
    import gc

    inner = [item for item in gc.get_referents(value) if dict in _mro(type(item))]
    return ["mappingproxy", self.reference(inner[0], depth + 1)] if inner else ["no", "opaque", "builtins:mappingproxy"]


def _weak(self, value, depth):
    target = value()
    return ["weakref", None if target is None else self.reference(target, depth + 1)]


def _remaining(self, value, depth):
    """An iterator over others, by the interpreter's own way of copying it."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = value.__reduce__()
    if made[0] not in (type(value), iter, reversed) or not made[1]:
        return ["no", "an iterator", _class_name(type(value))]
    return ["made", "builtins:iter" if made[0] is iter else _class_name(made[0]), self.items(iter(made[1]), depth)]


def _generator(self, value, depth):
    """A generator that may be started again: its function and what it holds. Nothing of it is run."""
    frame, code = value.gi_frame, value.gi_code
    module = frame.f_globals.get("__name__") if frame is not None else ""
    if frame is None or type(module) is not str:
        return ["no", "a generator", value.__qualname__]
    held = {}
    for name in list(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]) + list(code.co_freevars):
        if name in frame.f_locals:
            held[name] = self.reference(frame.f_locals[name], depth + 1, name)
    path = "%s:%s" % (module, value.__qualname__)
    return ["generator", path, code.co_filename, code.co_firstlineno, held, frame.f_lasti >= 0]


_CONTAINERS: "dict[type, object]" = {
    str: lambda self, value, depth: self.text(value),
    bytes: lambda self, value, depth: self.binary(value, depth),
    list: _sequence(list, "list"),
    tuple: _sequence(tuple, "tuple"),
    set: _sequence(set, "set"),
    frozenset: _sequence(frozenset, "frozenset"),
    collections.defaultdict: _default_dict,
    collections.OrderedDict: _mapping(collections.OrderedDict, "OrderedDict"),
    collections.Counter: _mapping(dict, "Counter"),
    collections.deque: _deque,
    dict: _mapping(dict, "dict"),
    types.MethodType: _method,
    re.Match: _match,
    type(iter([])): _iterator,
    type(iter(())): _iterator,
    type(iter("")): _iterator,
    type(iter(b"")): _iterator,
    type(iter(range(0))): _iterator,
    type({}.keys()): _view,
    type({}.values()): _view,
    type({}.items()): _view,
    type(collections.OrderedDict().keys()): _view,
    type(collections.OrderedDict().values()): _view,
    type(collections.OrderedDict().items()): _view,
    types.MappingProxyType: _proxied,
    memoryview: _made("builtins:memoryview", lambda value: (value.tobytes(),)),
    **dict.fromkeys(
        (
            type(iter({})),
            type(iter({}.values())),
            type(iter({}.items())),
            type(iter(set())),
            type(reversed([])),
            zip,
            enumerate,
            map,
            filter,
            itertools.count,
            itertools.chain,
            itertools.repeat,
        ),
        _remaining,
    ),
}

# -- objects of the standard library and of numeric libraries ---------------------------------------------

# Parts of the runtime that a new one may stand for.
_FRESH = (
    "_thread:lock _thread:RLock threading:Event threading:Condition threading:Semaphore threading:BoundedSemaphore"
    " threading:Barrier _thread:_local _queue:SimpleQueue asyncio.locks:Lock asyncio.locks:Event"
    " asyncio.locks:Condition asyncio.locks:Semaphore random:Random random:SystemRandom"
).split()


def _fresh(self, value, fields, name, depth):
    count = fields.get("_value")
    return ["runtime", name, count] if type(count) is int else ["runtime", name]


def _logger(self, value, fields, name, depth):
    return ["logger", fields.get("name") if name == "logging:Logger" else None]


def _adapter(self, value, fields, name, depth):
    parts = (fields.get("logger"), fields.get("extra"))
    return ["made", "logging:LoggerAdapter", self.items(iter(parts), depth)]


def _queued(self, value, fields, name, depth):
    waiting = fields.get("queue", fields.get("_queue"))
    longest = fields.get("maxsize", fields.get("_maxsize"))
    if type(waiting) not in (collections.deque, list):
        return ["runtime", name]
    return ["queue", name, longest if type(longest) is int else 0, self.items(iter(waiting), depth)]


def _weak_mapping(self, value, fields, name, depth):
    inner, found = fields.get("data"), []
    for key, item in list(dict.items(inner)) if type(inner) is dict else ():
        alive = [part() if _from("weakref", "ref") in _mro(type(part)) else part for part in (key, item)]
        if alive[0] is not None and alive[1] is not None:
            found.append([self.reference(part, depth + 1) for part in alive])
    return ["made", name, [["dict", found]]]


def _weak_set(self, value, fields, name, depth):
    inner = fields.get("data")
    alive = [item() for item in list(inner)] if type(inner) is set else []
    return ["made", name, [["list", self.items((item for item in alive if item is not None), depth)]]]


def _wrapped(self, value, fields, name, depth):
    """A function behind a cache: by its own name."""
    module, qualname = fields.get("__module__"), fields.get("__qualname__")
    if type(module) is not str or type(qualname) is not str:
        return ["no", "opaque", name]
    return ["function", "%s:%s" % (module, qualname), "", 0]


def _alias(self, value, fields, name, depth):
    """`list[int]`, `Optional[str]`: the name in typing, the origin, the arguments."""
    origin, given, label = (
        (value.__origin__, value.__args__, None)
        if name == "types:GenericAlias"
        else (fields.get("__origin__"), fields.get("__args__"), fields.get("_name"))
    )
    if name == "types:UnionType":
        origin, given, label = None, value.__args__, "Union"
    if fields.get("_special") is True:  # a bare `List` before Python 3.9
        given = ()
    if type(given) is not tuple:
        return ["no", "opaque", name]
    label = _HINTS.get(name) or (label if type(label) is str else None)
    more = fields.get("__metadata__")
    if label == "Annotated":
        given = (origin,) + (more if type(more) is tuple else ())
    return ["hint", label, self.reference(origin, depth + 1), self.items(iter(given), depth)]


_HINTS = {
    "typing:_UnionGenericAlias": "Union", "typing:_LiteralGenericAlias": "Literal",
    "typing:_CallableGenericAlias": "Callable", "typing:_AnnotatedAlias": "Annotated", "typing:Union": "Union",
}  # fmt: skip


def _special_form(self, value, fields, name, depth):
    label = _slots(value, _mro(type(value))).get("_name", fields.get("_name"))
    return ["hint", label if type(label) is str else None, None, []]


def _type_variable(self, value, fields, name, depth):
    label, module = (value.__name__, value.__module__)
    if type(label) is not str or type(module) is not str:
        return ["no", "opaque", name]
    return ["function", "%s:%s" % (module, label), "", 0]


_ALIASES = ["typing:_%sAlias" % word for word in "Generic UnionGeneric VariadicGeneric LiteralGeneric".split()]
_ALIASES += ["typing:_CallableGenericAlias", "typing:_AnnotatedAlias"]
_SPECIAL = {
    **dict.fromkeys(_FRESH, _fresh),
    "logging:Logger": _logger,
    "logging:RootLogger": _logger,
    "logging:LoggerAdapter": _adapter,
    **dict.fromkeys(("queue:Queue", "queue:LifoQueue", "queue:PriorityQueue", "asyncio.queues:Queue"), _queued),
    "weakref:WeakValueDictionary": _weak_mapping,
    "weakref:WeakKeyDictionary": _weak_mapping,
    "_weakrefset:WeakSet": _weak_set,
    "functools:_lru_cache_wrapper": _wrapped,
    **dict.fromkeys(("types:GenericAlias", "types:UnionType", "typing:Union", *_ALIASES), _alias),
    **dict.fromkeys(("typing:_SpecialForm", "typing:_AnyMeta", "typing:_SpecialGenericAlias"), _special_form),
    **dict.fromkeys(("typing:TypeVar", "typing:ParamSpec", "typing:NewType"), _type_variable),
    "typing:ForwardRef": lambda self, value, fields, name, depth: ["made", name, [self.text(value.__forward_arg__)]],
}  # fmt: skip


def _of_numbers(self, value, mro, depth):
    """Arrays and scalars of numpy, tables of pandas: of the libraries' own classes only. None for all else."""
    arrays, kind = _from("numpy", "ndarray"), type(value)
    if kind is arrays:
        if value.size > MOST_ITEMS or value.dtype.fields is not None:
            return self.cutting(value)
        content = value.reshape(-1)
        content = content.astype(str) if value.dtype.kind in "mM" else content
        return ["ndarray", value.dtype.str, list(value.shape), self.items(iter(content.tolist()), depth)]
    own, _, label = _class_name(kind).partition(":")
    if _from("numpy", "generic") in mro and own == "numpy":
        plain = str(value) if value.dtype.kind in "mM" else value.item()
        return ["made", _class_name(kind), [self.reference(plain, depth + 1)]]
    if _from("numpy", "dtype") in mro and own.startswith("numpy"):
        return ["made", "numpy:dtype", [value.str]]
    if own.startswith("pandas") and label in ("NaTType", "NAType"):
        return ["function", "pandas:" + label[:-4], "", 0]
    if own.startswith("pandas") and label in ("Timestamp", "Timedelta"):
        return ["made", "pandas:" + label, [self.text(str(value))]]
    if own.startswith(("pytz", "dateutil")):
        return _zone_of(self, value, mro, own, label)
    if kind is _from("pandas", "DataFrame") and value.size <= MOST_ITEMS:
        names = self.items(iter(value.columns.tolist()), depth)
        columns = [_column(self, value._ixs(at, axis=1), depth) for at in range(len(names))]
        return ["frame", names, columns, _column(self, value.index, depth)]
    if kind is _from("pandas", "Series") and value.size <= MOST_ITEMS:
        name = self.reference(value.name, depth)
        return ["series", _column(self, value, depth), _column(self, value.index, depth), name]
    if _from("pandas", "Index") in mro and own.startswith("pandas") and value.size <= MOST_ITEMS:
        return ["index", *_column(self, value, depth)]
    return self.cutting(value) if kind in (_from("pandas", "DataFrame"), _from("pandas", "Series")) else None


def _zone_of(self, value, mro, own, label):
    """Time zones of pytz and dateutil by their names."""
    fields = _instance_dict(value, mro)
    if own.startswith("pytz"):
        zone = "UTC" if label == "UTC" else _in_class(mro, "zone")
        return ["made", "pytz:timezone", [zone]] if type(zone) is str else None
    file = fields.get("_filename")
    if label == "tzfile" and type(file) is str:
        return ["made", "dateutil.tz:gettz", [file.rpartition("zoneinfo/")[2]]]
    if label == "tzoffset":
        shift = fields.get("_offset")
        seconds = int(shift.total_seconds()) if type(shift) is _from("datetime", "timedelta") else 0
        return ["made", "dateutil.tz:tzoffset", [self.reference(fields.get("_name"), 0), seconds]]
    return ["made", "dateutil.tz:" + label, []] if label in ("tzutc", "tzlocal") else None


def _column(self, value, depth):
    """The type's name and the items of a pandas column or index."""
    if type(value).__name__ == "MultiIndex":
        return ["multi", self.items(iter(value.tolist()), depth)]
    if type(value).__name__ == "RangeIndex":
        return ["range", [value.start, value.stop, value.step]]
    content = value.astype(object) if value.dtype.kind != "O" else value
    kind = value.dtype.name
    return [kind if type(kind) is str else "object", self.items(iter(content.to_numpy().tolist()), depth)]


# -- streams and files ----------------------------------------------------------------------------------


def _memory_stream(self, value, depth):
    base = io.BytesIO if io.BytesIO in _mro(type(value)) else io.StringIO
    if base.__dict__["closed"].__get__(value):
        return ["stream", base.__name__, None, 0]
    content = base.getvalue(value)
    content = self.binary(content, depth) if base is io.BytesIO else self.text(content)
    return ["stream", base.__name__, content, base.tell(value)]


def _file(self, value, depth):
    """A small regular file's content, read beside its position; nothing of the file object moves."""
    kind, inner = type(value), value
    encoding = value.encoding if kind is io.TextIOWrapper else None
    if kind is io.TextIOWrapper:
        inner = value.buffer
    if type(inner) in (io.BufferedReader, io.BufferedWriter, io.BufferedRandom):
        inner = inner.raw
    if type(inner) is io.BytesIO and not inner.closed:
        return ["file", kind.__name__, "", "rb", encoding, self.binary(inner.getvalue(), depth)]
    if type(inner) is not io.FileIO:
        return ["no", "a stream over something else", _class_name(kind)]
    name = inner.name if type(inner.name) is str else ""
    if inner.closed:
        content = _still_there(self, name, depth) if "r" in inner.mode else None
        return ["file", kind.__name__, self.text(name), "closed", encoding, content]
    number = inner.fileno()
    if number in (0, 1, 2):
        return ["stdio", ("stdin", "stdout", "stderr")[number]]
    content = _content(self, number, depth) if inner.readable() and not _holds_secrets(name) else None
    return ["file", kind.__name__, self.text(name), inner.mode, encoding, content]


def _content(self, number, depth):
    """What a small regular file holds; None for all others."""
    found = os.fstat(number)
    if not stat.S_ISREG(found.st_mode) or found.st_size > FILE_BYTES:
        return None
    return self.binary(os.pread(number, found.st_size, 0), depth)


def _still_there(self, name, depth):
    """The content of a file that was read and closed again, as a `with` block does before anybody hears of an error."""
    try:
        found = os.stat(name) if name and not _holds_secrets(name) else None
        if found is None or not stat.S_ISREG(found.st_mode) or found.st_size > CLOSED_FILE_BYTES:
            return None
        number = os.open(name, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except (OSError, ValueError):
        return None
    try:
        return _content(self, number, depth)
    finally:
        os.close(number)


_SECRET_FILE = re.compile(
    r"(?i)(?:^|[\\/])(?:\.env|\.netrc|\.pgpass|id_[a-z0-9]+|shadow)(?:\.[^\\/]*)?$|\.(?:pem|key|p12|pfx|jks|kdbx|asc)$"
)


def _holds_secrets(name):
    """Whether a file's name says that what it holds is secret."""
    stem = re.split(r"[\\/]", name)[-1].rpartition(".")
    return bool(_SECRET_FILE.search(name)) or secret_weight(stem[0] or stem[2]) == 2


_STREAMS = (
    (io.BytesIO, _memory_stream),
    (io.StringIO, _memory_stream),
    *((kind, _file) for kind in (io.TextIOWrapper, io.BufferedReader, io.BufferedWriter, io.BufferedRandom, io.FileIO)),
)

# -- leaves: small values written in place --------------------------------------------------------------


def _function_name(value):
    module = value.__module__
    if type(value) is types.FunctionType and not (type(module) is str and module):
        module = value.__globals__.get("__name__")
    return "%s:%s" % (module if type(module) is str else "", value.__qualname__)


def _function(self, value, depth):
    code, name = value.__code__, _function_name(value)
    found = ["function", name, code.co_filename, code.co_firstlineno]
    if "<" in name and depth <= MOST_DEPTH:  # made inside a function: what it took from there
        held = {}
        for free, cell in zip(code.co_freevars, value.__closure__ or ()):
            try:
                held[free] = self.reference(cell.cell_contents, depth + 1, free)
            except ValueError:  # an empty cell
                continue
        found += [held, self.items(iter(value.__defaults__ or ()), depth)]
    return found


def _builtin(self, value, depth):
    owner = value.__self__
    if owner is None or type(owner) is types.ModuleType:
        return ["function", _function_name(value), "", 0]
    return ["method", self.reference(owner, depth + 1), _function_name(value)]


def _descriptor(self, value, depth):
    return ["function", "%s.%s" % (_class_name(value.__objclass__), value.__name__), "", 0]


def _class(self, value, depth):
    return ["class", _class_name(value)]


def _moment(self, value, depth):
    date, moment = _from("datetime", "date").__dict__, _from("datetime", "datetime").__dict__
    parts = [date[name].__get__(value) for name in ("year", "month", "day")]
    parts += [moment[name].__get__(value) for name in ("hour", "minute", "second", "microsecond")]
    zone = self.reference(moment["tzinfo"].__get__(value), depth + 1)
    return ["datetime", parts, zone, moment["fold"].__get__(value)]


def _time(self, value, depth):
    of = _from("datetime", "time").__dict__
    parts = [of[name].__get__(value) for name in ("hour", "minute", "second", "microsecond")]
    return ["time", parts, self.reference(of["tzinfo"].__get__(value), depth + 1), of["fold"].__get__(value)]


def _fields(word, module, kind, names):
    def made(self, value, depth):
        members = _from(module, kind).__dict__
        return [word, [self.reference(members[name].__get__(value), depth + 1) for name in names]]

    return made


def _printed(word, module, kind):
    return lambda self, value, depth: [word, kind, _from(module, kind).__str__(value)]


def _time_zone(self, value, depth):
    kind = _from("datetime", "timezone")
    shift, name = kind.utcoffset(value, None), kind.tzname(value, None)
    named = [] if name.startswith("UTC") else [self.text(name)]
    return ["timezone", shift.days * 86400 + shift.seconds, shift.microseconds, *named]


_NOT_DATA = (
    types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType, type, types.GeneratorType,
    types.CoroutineType, types.AsyncGeneratorType,
)  # fmt: skip


_APART = (_partial, _weak, _generator)


def _gone(why):
    def made(self, value, depth):
        name = value.__qualname__ if hasattr(type(value), "__qualname__") and why != "a weak reference" else ""
        return ["no", why, name if type(name) is str else ""]

    return made


def _called(self, value, depth):
    made = value.__reduce__()  # a partial of the class where there are keywords
    named = made[0].keywords if len(made[1]) != 1 and type(made[0]).__name__ == "partial" else {}
    parts = made[0].args + tuple(made[1]) if named else made[1]
    return ["made", "operator:methodcaller", self.items(iter(parts), depth), self.pairs(dict.items(named), depth)]


def _leaves():
    """Encoders by exact type, for the standard types whose modules are loaded."""
    found = {
        int: _Recorder.number,
        float: _Recorder.real,
        complex: lambda self, value, depth: ["complex", repr(value.real), repr(value.imag)],
        bytes: _Recorder.binary,
        bytearray: lambda self, value, depth: self.binary(value, depth, "bytearray"),
        range: lambda self, value, depth: [
            "range",
            *(self.reference(item, depth + 1) for item in (value.start, value.stop, value.step)),
        ],
        slice: lambda self, value, depth: [
            "slice",
            *(self.reference(item, depth + 1) for item in (value.start, value.stop, value.step)),
        ],
        type(Ellipsis): lambda self, value, depth: ["name", "builtins:Ellipsis"],
        type(NotImplemented): lambda self, value, depth: ["name", "builtins:NotImplemented"],
        re.Pattern: lambda self, value, depth: [
            "pattern",
            self.reference(value.pattern, depth),
            value.flags,
        ],
        type: _class,
        enum.EnumMeta: _class,
        types.ModuleType: lambda self, value, depth: ["module", str(value.__dict__.get("__name__"))],
        types.FunctionType: _function,
        types.BuiltinFunctionType: _builtin,
        types.MethodDescriptorType: _descriptor,
        types.WrapperDescriptorType: _descriptor,
        types.GeneratorType: _generator,
        types.CoroutineType: _gone("a coroutine"),
        types.AsyncGeneratorType: _gone("an async generator"),
    }
    known = (
        ("datetime", "datetime", _moment),
        ("datetime", "date", _fields("date", "datetime", "date", ("year", "month", "day"))),
        ("datetime", "time", _time),
        ("datetime", "timedelta", _fields("timedelta", "datetime", "timedelta", ("days", "seconds", "microseconds"))),
        ("datetime", "timezone", _time_zone),
        ("decimal", "Decimal", _printed("text of", "decimal", "Decimal")),
        ("fractions", "Fraction", _fields("Fraction", "fractions", "Fraction", ("_numerator", "_denominator"))),
        ("uuid", "UUID", _printed("text of", "uuid", "UUID")),
        ("zoneinfo", "ZoneInfo", lambda self, value, depth: ["zone", value.key]),
        ("functools", "partial", _partial),
        ("operator", "itemgetter", _made("operator:itemgetter", lambda value: value.__reduce__()[1])),
        ("operator", "attrgetter", _made("operator:attrgetter", lambda value: value.__reduce__()[1])),
        ("operator", "methodcaller", _called),
        ("weakref", "ReferenceType", _weak),
        ("array", "array", _array),
        ("abc", "ABCMeta", _class),
        *(("pathlib", name, _printed("text of", "pathlib", name)) for name in
          ("PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath")),
        *(("ipaddress", name, _printed("text of", "ipaddress", name)) for name in
          ("IPv4Address", "IPv6Address", "IPv4Network", "IPv6Network", "IPv4Interface", "IPv6Interface")),
    )  # fmt: skip
    for module, name, maker in known:
        kind = _from(module, name)
        if isinstance(kind, type):
            found[kind] = maker
    return found
