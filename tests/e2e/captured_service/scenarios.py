"""A service that is no part of the repo: builds values where nobody sees it and hands them to the repo's code."""

import asyncio
import datetime
import functools
import io
import os
import re
import struct
import sys
import tempfile
from collections import Counter, deque
from decimal import Decimal

from depot import models, reading, stock

UTC = datetime.UTC


def make_level():
    levels = {(f"A{at}", grade): at for at in range(40) for grade in stock.Grade}
    del levels["A37", stock.Grade.NEW]
    return stock.level, (levels, "A37", stock.Grade.USED), {}


def make_due():
    lines = [stock.Line(f"A{at}", stock.Grade.NEW, stock.Money(Decimal("1.50"))) for at in range(15)]
    lines.append(stock.Line("B", stock.Grade.USED, stock.Money(Decimal(2), "USD"), datetime.datetime(2024, 1, 2)))
    order = stock.Order("7", datetime.datetime(2024, 1, 1, tzinfo=UTC), lines, frozenset({"rush"}))
    return stock.due, (order, datetime.datetime(2024, 5, 6, tzinfo=UTC)), {}


def make_balance():
    moves = [stock.Move(f"A{at}", at + 1, None) for at in range(12)] + [stock.Move("Z", -3, None)]
    return stock.balance, (moves,), {}


def make_next_batch():
    return stock.next_batch, (deque("abc", 5), Counter("aab"), 4), {}


def make_cheapest():
    cart = stock.Cart("ana")
    for sku in ("A", "A", "B"):
        cart.add(stock.Line(sku, stock.Grade.NEW, stock.Money(Decimal("3"))))
    return cart.cheapest, (), {}


def make_path():
    root = stock.Shelf("root")
    leaf = stock.Shelf("leaf", stock.Shelf("inner", root))
    return leaf.path, ("attic",), {}


def make_refill():
    return stock.refill, (stock.Settings(threshold=50), [1, 2, 3]), {}


def make_take():
    return stock.take, ([3, 1, 4], 5), {}


def make_header():
    return reading.header, (io.BytesIO(struct.pack(">H", 9) + b"\x00abc"),), {}


def make_amounts():
    place = os.path.join(tempfile.gettempdir(), f"amounts-{os.getpid()}.csv")
    with open(place, "w", encoding="latin-1") as stream:
        stream.write("name;amount\nä;1\nb;two\n")
    return reading.amounts, (open(place, encoding="latin-1"),), {}


def make_weights():
    place = os.path.join(tempfile.gettempdir(), f"weights-{os.getpid()}.wgt")
    with open(place, "wb") as stream:
        stream.write(b"WGT1" + b"\x00".join([b"abc12", b"def7", b"ghi\xff"]))
    return reading.weights, (place,), {}


def make_apply():
    return reading.apply, (functools.partial(re.match, "^a"), "ab", "ba"), {"strict": False, "cd": 1}


def make_explain():
    return reading.explain, (OSError("gone"), slice(0, 3)), {}


def make_match_all():
    return reading.match_all, (re.compile(r"(\w+)=", re.IGNORECASE), ["a=1", "b"]), {}


def make_fetch_all():
    client = reading.Client("https://api.example.org", "correct horse")
    client.seen.add("x")
    return lambda paths: asyncio.run(client.fetch_all(paths)), (("y", "x"),), {}


def make_login():
    return reading.login, ({"name": "ana", "failures": 0, "since": datetime.date(2024, 1, 1)}, "hunter2hunter2"), {}


def make_headroom():
    return models.headroom, (models.Account(id=7, owner="ana", balance=None, limit=5.0),), {}


def make_share():
    return models.share, (models.Transfer(**{"from": 1, "to_id": 2, "amounts": {1: 0.0, 2: 5.0}}),), {}


def dispatch(job):
    run, given, named = job
    return run(*given, **named)


if __name__ == "__main__":
    import sentry_sdk
    from sentry_sdk.transport import Transport

    class ToFile(Transport):
        def capture_envelope(self, envelope):
            import json

            event = envelope.get_event()
            if event is not None:
                with open(os.environ["EVENT_OUT"], "w", encoding="utf-8") as stream:
                    json.dump(event, stream)

    if os.environ.get("HOOK"):
        import triage_capture

        triage_capture.install()
    sentry_sdk.init(
        "http://public@127.0.0.1:9/1", transport=ToFile, auto_enabling_integrations=False, send_default_pii=True,
        release="depot@1.0",
    )  # fmt: skip
    try:
        dispatch(globals()[f"make_{sys.argv[1]}"]())
    except Exception:
        sentry_sdk.capture_exception()
    sentry_sdk.flush()
