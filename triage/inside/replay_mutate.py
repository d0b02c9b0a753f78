"""Changes plain values the way inputs go wrong: empty, missing, huge, cut, doubled, of another type.

Standard library only, Python 3.8+. Words come from the code that is to be reached (constants of
its functions, an example for each regular expression) and from the error's message.
"""

import re
import time

HUGE = 10**20
STRINGS = ("", " ", "0", "-1", "é", "\n", "\x00", "a", "1" * 25, ".", "/", "\u0130", "\ud800", "[", "<", "&", "%", "'")
OTHERS = (None, "", 0, [], {}, (), b"", 1.5, True)  # type: tuple[object, ...]
NUMBER = re.compile(r"\d+(?:\.\d+)?")
TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


class Mutator:
    """`said` are values of the error's message, `words` those of the code on the way."""

    def __init__(self, random, said, words, tame=False, error=""):
        self.deep = error == "RecursionError"
        self.huge = 1000 if tame else HUGE
        self.random = random
        self.said = said
        self.words = words

    # -- one by one -------------------------------------------------------------------

    def edges(self, value):
        """Every boundary of a value, likeliest first."""
        found = list(self.said)
        if isinstance(value, bool):
            found += [not value, None]
        elif isinstance(value, str):
            found += deep_texts(value, self.words) if self.deep else []
            found += list(string_edges(value, self.said))
        elif isinstance(value, bytes):
            found += [b"", b"\xff", b"\x00", value[: len(value) // 2], value + b"\xff", value * 2, None]
        elif isinstance(value, int):
            found += [0, -1, 1, value + 1, value - 1, -value, self.huge, None]
        elif isinstance(value, float):
            found += [0.0, -value, float("nan"), float("inf"), 1e-320, 1e308, None]
        elif isinstance(value, (list, tuple)):
            kind = type(value)
            found += [kind(), None]
            found += [value[:at] + value[at + 1 :] for at in range(min(len(value), 12))]
            found += [value + value, value[:1]]
            for at in range(min(len(value), 8)):
                found += [kind([*value[:at], item, *value[at + 1 :]]) for item in self.inner(value[at])]
        elif isinstance(value, dict):
            found += [{}, None]
            for key in list(value)[:12]:
                found.append({name: item for name, item in value.items() if name != key})
                found += [
                    dict(value, **{key: item}) if isinstance(key, str) else value for item in self.inner(value[key])
                ]
        elif value is None:
            found += ["", 0, [], {}]
        if not isinstance(value, (list, dict, tuple)):
            found += [item for item in OTHERS if type(item) is not type(value)]
        return found

    def inner(self, value):
        """Few boundaries of a value inside a container."""
        if isinstance(value, (list, tuple, dict)):
            return [type(value)(), None, *self.said[:3]]
        return [item for item in (*self.said[:4], None, "", 0, -1, "é") if item != value]

    # -- by chance ---------------------------------------------------------------------

    def change(self, value):
        """One random change; mostly within the type."""
        choose = self.random
        if choose.random() < 0.06:
            return choose.choice(OTHERS)
        if self.said and choose.random() < 0.08:
            return choose.choice(self.said)
        if isinstance(value, bool) or value is None:
            return choose.choice((True, False, None, "", 0, [], {}))
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bytes):
            return self.text(value.decode("latin-1")).encode("latin-1", "replace")
        if isinstance(value, int):
            return choose.choice(
                (0, 1, -1, 2, value + 1, value - 1, value * 2, -value, value * 1000, self.huge, 7, 60, 366)
            )
        if isinstance(value, float):
            return choose.choice((0.0, value / 3, -value, value * 1e9, value * 1e-9, 1e308, float("nan"), float("inf")))
        if isinstance(value, (list, tuple)):
            return self.sequence(value)
        if isinstance(value, dict):
            return self.mapping(value)
        return value

    def text(self, value):
        choose = self.random
        kind = choose.randrange(10)
        if not value:
            return self.word()
        tokens = TOKEN.findall(value)
        at = choose.randrange(len(tokens)) if tokens else 0
        span = choose.choice((1, 1, 1, 2, 4))
        if kind <= 1:
            del tokens[at : at + span]
        elif kind == 2:
            tokens[at:at] = tokens[at : at + span]
        elif kind <= 4:
            tokens[at:at] = [self.word()]
        elif kind <= 6:
            tokens[at : at + span] = [self.word()]
        elif kind == 7:
            return value[: choose.randrange(len(value) + 1)]
        elif kind == 8:
            return value[choose.randrange(len(value)) :]
        else:
            place = choose.randrange(len(value))
            return value[:place] + choose.choice(STRINGS) + value[place + choose.randrange(2) :]
        return "".join(tokens)

    def word(self):
        words = [item for item in self.words if isinstance(item, str)]
        if words and self.random.random() < 0.75:
            return self.random.choice(words)
        return self.random.choice(STRINGS)

    def sequence(self, value):
        choose = self.random
        items = list(value)
        kind = choose.randrange(5)
        if not items or kind == 0:
            items.append(choose.choice(items) if items else choose.choice([*self.words, *OTHERS][:40] or [None]))
        elif kind == 1:
            del items[choose.randrange(len(items))]
        else:
            at = choose.randrange(len(items))
            items[at] = self.change(items[at])
        return type(value)(items)

    def mapping(self, value):
        choose = self.random
        items = dict(value)
        keys = list(items)
        kind = choose.randrange(4)
        if not keys or kind == 0:
            items[self.word()] = choose.choice((None, "", 0, "a", [], {}))
        elif kind == 1:
            del items[choose.choice(keys)]
        else:
            key = choose.choice(keys)
            items[key] = self.change(items[key])
        return items


def string_edges(value, said):
    """Boundaries of a text: its numbers, its halves, its tokens left out one by one."""
    yield from STRINGS[:9]
    for found in list(NUMBER.finditer(value))[:6]:
        for number in ("0", "9" * 22, "-1", "", "99", "10000"):
            yield value[: found.start()] + number + value[found.end() :]
    tokens = TOKEN.findall(value)
    if len(tokens) <= 60:
        for at in range(len(tokens)):
            yield "".join(tokens[:at] + tokens[at + 1 :])
        for at in range(1, len(tokens)):
            yield "".join(tokens[:at])
            yield "".join(tokens[at:])
    for word in said:
        if isinstance(word, str) and word:
            yield value + word
            for at in range(min(len(tokens), 20)):
                yield "".join([*tokens[:at], word, *tokens[at + 1 :]])
    yield value + "\u00e9"
    yield value + "\n"
    yield value * 2


def deep_texts(value, words):
    """Texts that nest: brackets, tags, quotes and lists, and pieces of the value itself, over and over."""
    found = [pair[0] * times + pair[1] * times for times in (400, 1500) for pair in ("()", "[]", "{}")]
    units = ["(", "[", "{", ">", "> ", "<b>", "- ", "not ", "-", "~", "!", "*", "_"]
    tokens = [token for token in TOKEN.findall(value) if not token.isalnum()]
    units += [item for item in (*dict.fromkeys(tokens), *words) if isinstance(item, str) and 0 < len(item) <= 8][:40]
    found += [unit * 1500 for unit in dict.fromkeys(units)]
    for mark in ("- ", "* ", "1. ", "> "):
        found.append("".join("  " * depth + mark + "a\n" for depth in range(300)))
    found += [value * 400, value + "(" * 1500]
    return [text for text in found if len(text) < 400000]


def constants_of(code, names):
    """Texts and numbers that a function mentions, and an example for each regular expression it can see."""
    found = []
    stack = list(code.co_consts)
    while stack:
        item = stack.pop()
        if isinstance(item, (tuple, frozenset)):
            stack += list(item)
        elif isinstance(item, str):
            if 0 < len(item) <= 40 and "\n\n" not in item:
                found.append(item)
        elif isinstance(item, bytes):
            found.append(item.decode("latin-1")[:40])
    for name in code.co_names:
        value = names.get(name)
        if isinstance(value, re.Pattern):
            found += examples_of(value)
        elif isinstance(value, (tuple, frozenset, set, list, dict)) and len(value) < 200:
            found += [item for item in value if isinstance(item, str) and 0 < len(item) <= 30][:40]
    return found


def examples_of(pattern):
    """Two texts that a regular expression may match: the shortest, and one with its optional parts."""
    text = pattern.pattern
    if isinstance(text, bytes):
        text = text.decode("latin-1")
    try:
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parser = getattr(re, "_parser", None) or __import__("sre_parse")
            tree = parser.parse(text, pattern.flags & ~re.DEBUG & (re.VERBOSE | re.IGNORECASE))
        return [item for item in dict.fromkeys((_example(tree, 0), _example(tree, 1))) if 0 < len(item) <= 60]
    except Exception:
        return []


def _example(tree, rich):
    out = []
    for op, argument in tree:
        name = str(op)
        if name == "LITERAL":
            out.append(chr(argument))
        elif name == "NOT_LITERAL":
            out.append("b" if argument == ord("a") else "a")
        elif name == "ANY":
            out.append("a")
        elif name == "IN":
            out.append(_member(argument))
        elif name == "BRANCH":
            branches = argument[1]
            out.append(_example(branches[-1 if rich else 0], rich))
        elif name == "SUBPATTERN":
            out.append(_example(argument[-1], rich))
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            low, high, inner = argument
            out.append(_example(inner, rich) * min(max(low, rich), int(high), 5))
    return "".join(out)


def _member(argument):
    for op, value in argument:
        name = str(op)
        if name == "NEGATE":
            return "a"
        if name == "LITERAL":
            return chr(value)
        if name == "RANGE":
            return chr(value[0])
        if name == "CATEGORY":
            return {"CATEGORY_DIGIT": "1", "CATEGORY_SPACE": " "}.get(str(value), "a")
    return "a"


def simpler(program, values, origin, deadline):
    """Values with as many as can be put back to what they were, and texts cut where that still fails."""
    values = list(values)
    for at in range(len(values)):
        if at < len(origin) and repr(values[at]) != repr(origin[at]) and time.process_time() < deadline:
            kept = values[at]
            values[at] = origin[at]
            if not program.run(program.read(repr(values)))[2]:
                values[at] = kept
    return values
