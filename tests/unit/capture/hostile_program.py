"""A program full of hostile values, run by every Python: prints what each crash cost and what of it was recorded."""

import asyncio
import concurrent.futures
import functools
import io
import json
import runpy
import sys
import threading
import time
import types
import weakref

HOOK = runpy.run_path(sys.argv[1])
SPRUNG = []


def spring(name):
    SPRUNG.append(name)
    time.sleep(5)
    while True:
        pass


class Trap:
    def __getattribute__(self, name):
        spring(name)

    __class__ = property(lambda self: spring("__class__"))
    __dict__ = property(lambda self: spring("__dict__"))
    __repr__ = __str__ = __len__ = __iter__ = __bool__ = __call__ = lambda self, *more: spring("called")
    __eq__ = __hash__ = __reduce__ = __reduce_ex__ = __sizeof__ = __getstate__ = lambda self, *more: spring("eq")


class Mapping(dict):
    items = keys = values = get = __iter__ = __len__ = __getitem__ = __contains__ = lambda self, *more: spring("dict")


class Lazy:
    @property
    def rows(self):
        return spring("property")

    def __getattr__(self, name):
        return spring(name)


class Meta(type):
    def __getattribute__(cls, name):
        return spring(name)

    def __instancecheck__(cls, item):
        return spring("instancecheck")


Odd = Meta("Odd", (), {})


class Chain:
    def __init__(self, after):
        self.after, self.again = after, after


def tower():
    found = functools.partial(print)
    for _ in range(60):
        found = functools.partial(print, found, found)
    return found


def closures():
    def make(one, two):
        def inner():
            return one, two

        return inner

    found = make(1, 2)
    for _ in range(60):
        found = make(found, found)
    return found


def generators():
    def make(one, two):
        yield one
        yield two

    found = make(1, 2)
    for _ in range(60):
        found = make(found, found)
    return found


def linked():
    found = None
    for _ in range(100000):
        found = Chain(found)
    return found


def nested():
    found = []
    for _ in range(100000):
        found = [found]
    return found


def held():
    trap = Trap()
    return [object.__new__(Trap), weakref.ref(trap), trap, types.MethodType(print, trap), [trap] * 100]


VALUES = {
    "traps": lambda: [Trap(), Mapping({"a": 1}), Lazy(), Odd, type.__call__(Odd)],
    "held traps": held,
    "a proxy of a mapping": lambda: types.MappingProxyType(Mapping({"a": 1})),
    "iterators of traps": lambda: [
        iter([Trap()]),
        map(Trap(), [1]),
        filter(Trap(), [1]),
        zip([Trap()]),
        enumerate([Trap()]),
    ],
    "a long text": lambda: "a" * 10000000,
    "long bytes": lambda: [b"\xff" * 10000000, bytearray(10000000), memoryview(bytes(10000000))],
    "a million items": lambda: list(range(1000000)),
    "a million keys": lambda: {str(at): at for at in range(1000000)},
    "a million members": lambda: set(range(1000000)),
    "many texts": lambda: [f"text {at} " * 30 for at in range(20000)],
    "partials": tower,
    "closures": closures,
    "generators": generators,
    "linked": linked,
    "nested": nested,
    "a huge number": lambda: 1 << 4000000,
    "a long stream": lambda: [io.BytesIO(bytes(10000000)), io.StringIO("a" * 10000000)],
    "wide objects": lambda: [types.SimpleNamespace(**{f"a{at}": at for at in range(5000)}) for _ in range(50)],
}


def crash(value):
    return 1 / 0


def process(error):
    event = {}
    began, cpu = time.perf_counter(), time.thread_time()
    same = HOOK["process"](event, {"exc_info": (type(error), error, error.__traceback__)})
    cost = round(1000 * (time.thread_time() - cpu), 1)
    return {
        "same": same is event, "ms": cost, "wall": round(1000 * (time.perf_counter() - began), 1),
        "bytes": len(json.dumps(event)), "contexts": event.get("contexts"),
    }  # fmt: skip


def crashed(value):
    try:
        crash(value)
    except ZeroDivisionError as error:
        return process(error)


def application(environ, start_response):
    basket = {"path": environ["PATH_INFO"], "rows": [(1, 2)]}
    return [str(basket["total"]).encode()]


def wsgi():
    from wsgiref.util import setup_testing_defaults

    environ = {"PATH_INFO": "/basket"}
    setup_testing_defaults(environ)
    try:
        application(environ, None)
    except KeyError as error:
        return process(error)


async def task(number):
    await asyncio.sleep(0)
    return number / 0


async def tasks():
    found = await asyncio.gather(*(task(number) for number in range(5)), return_exceptions=True)
    return [process(error) for error in found]


def in_threads():
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        return list(pool.map(crashed, range(16)))


HOOK["_SETTINGS"]["per_minute"] = 1000
told = {name: crashed(make()) for name, make in VALUES.items()}
told["wsgi"] = wsgi()
told["tasks"] = asyncio.run(tasks())
told["threads"] = in_threads()
before = threading.active_count()
told["sprung"], told["threads left"] = SPRUNG, before - 1
print(json.dumps(told))
sys.stdout.flush()
import os  # noqa: E402

os._exit(0)  # without the destructors of what is a hundred thousand deep
