"""What the demo's traffic does to the sample service: one scenario for each latent bug."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from triage.domain.event import Json


@dataclass(frozen=True, slots=True)
class Http:
    """A request to the API."""

    method: str
    path: str
    body: Json = None


@dataclass(frozen=True, slots=True)
class Job:
    """Work handed to the worker over the API."""

    kind: str
    payload: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Command:
    """An invocation of the `larder` command, at one of the deployed releases.

    `files` are put into the working directory first, by name.
    """

    args: tuple[str, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    release: str = "v1.4.0"


Action: TypeAlias = Http | Job | Command


@dataclass(frozen=True, slots=True)
class Scenario:
    """A way to hit one bug.

    `raises` and `crash` (file, function) are what arrives: the type of the exception whose
    stack is read first, and its deepest frame in the service. `weight` is how often it
    happens beside the others; `actions` are variants, taken in turn.
    """

    key: str
    raises: str
    crash: tuple[str, str]
    weight: int
    actions: tuple[Action, ...]


def _line(sku: str, quantity: int, price: str, grams: int) -> Mapping[str, Json]:
    return {"sku": sku, "quantity": quantity, "price": price, "grams": grams}


def _delivery(postcode: str, slot: str) -> Mapping[str, Json]:
    return {"postcode": postcode, "slot": slot}


def _order(customer: str, sku: str, quantity: int, delivery: Mapping[str, Json]) -> Mapping[str, Json]:
    return {"customer": customer, "lines": [{"sku": sku, "quantity": quantity}], "delivery": delivery}


def _import(file: str, content: str) -> Command:
    return Command(("import-feed", file), {file: content})


SCENARIOS = (
    Scenario(
        "order-without-instructions",
        "KeyError",
        ("larder/orders.py", "parse_delivery"),
        9,
        (
            Http("POST", "/orders", _order("Café Nord", "OIL-1", 4, _delivery("M1 1AE", "2026-11-24T10:00:00+00:00"))),
            Http(
                "POST", "/orders", _order("Bistro 9", "TEA-1", 12, _delivery("SW1A 2AA", "2026-11-25T07:00:00+00:00"))
            ),
        ),
    ),
    Scenario(
        "staff-discount",
        "TypeError",
        ("larder/pricing.py", "apply"),
        7,
        (
            Http(
                "POST", "/quotes", {"lines": [_line("OIL-1", 6, "8.40", 950)], "discount": "STAFF25", "collect": True}
            ),
            Http(
                "POST", "/quotes", {"lines": [_line("TEA-1", 2, "5.25", 250)], "discount": "STAFF25", "collect": False}
            ),
        ),
    ),
    Scenario(
        "past-last-page",
        "IndexError",
        ("larder/catalogue.py", "page_of"),
        6,
        (Http("GET", "/products?page=4"), Http("GET", "/products?page=12")),
    ),
    Scenario(
        "day-without-orders",
        "ZeroDivisionError",
        ("larder/reports.py", "average"),
        5,
        (Http("GET", "/reports/daily/2026-11-01"), Http("GET", "/reports/daily/2026-12-25")),
    ),
    Scenario(
        "postcode-without-space",
        "AttributeError",
        ("larder/delivery.py", "split_postcode"),
        8,
        (Http("GET", "/delivery/zones/SW1A2AA"), Http("GET", "/delivery/zones/m11ae")),
    ),
    Scenario(
        "too-heavy",
        "ValueError",
        ("larder/carriers.py", "cheapest"),
        4,
        (
            Http("POST", "/quotes", {"lines": [_line("RICE-5", 7, "14.90", 5000)]}),
            Http("POST", "/quotes", {"lines": [_line("OIL-1", 40, "8.40", 950)], "discount": "KITCHEN5"}),
        ),
    ),
    Scenario(
        "slot-without-offset",
        "TypeError",
        ("larder/delivery.py", "notice_left"),
        6,
        (
            Http("GET", "/delivery/slots?slot=2026-11-27T10:00:00"),
            Http("GET", "/delivery/slots?slot=2026-12-01T07:30:00"),
        ),
    ),
    Scenario(
        "last-hour-of-a-short-day",
        "IndexError",
        ("larder/delivery.py", "window"),
        2,
        (Http("GET", "/delivery/windows/2027-03-28/23"), Http("GET", "/delivery/windows/2026-03-29/23")),
    ),
    Scenario(
        "shelf-inside-itself",
        "RecursionError",
        ("larder/catalogue.py", "breadcrumbs"),
        2,
        (Http("GET", "/categories/hampers"), Http("GET", "/categories/gifts")),
    ),
    Scenario(
        "same-email-other-case",
        "IntegrityError",
        ("larder/store.py", "add_customer"),
        3,
        (
            Http(
                "POST",
                "/customers",
                [{"email": "ana@cafe.example", "name": "Ana Lima"}, {"email": "Ana@cafe.example", "name": "Ana Lima"}],
            ),
            Http(
                "POST",
                "/customers",
                [{"email": "orders@nord.example", "name": "Nord"}, {"email": "ORDERS@nord.example", "name": "Nord"}],
            ),
        ),
    ),
    Scenario(
        "customer-without-channel",
        "IndexError",
        ("larder/notify.py", "pick_channel"),
        5,
        (
            Job("reminder", {"customer": {"id": 31, "name": "Ana Lima", "channels": []}, "slot": "2026-11-24 10:00"}),
            Job("reminder", {"customer": {"id": 58, "name": "Bo Ek", "channels": ["fax"]}, "slot": "2026-11-25 07:00"}),
        ),
    ),
    Scenario(
        "tour-with-a-customer-without-email",
        "AttributeError",
        ("larder/notify.py", "address_of"),
        3,
        (
            Job(
                "delay",
                {
                    "recipients": [
                        {"name": "Ana Lima", "email": "ana@cafe.example"},
                        {"name": "Kiosk 12", "email": None},
                    ],
                    "minutes": 25,
                },
            ),
            Job(
                "delay",
                {
                    "recipients": [{"name": "Market 4", "email": None}, {"name": "Stall 7", "email": None}],
                    "minutes": 40,
                },
            ),
        ),
    ),
    Scenario(
        "name-beyond-latin-1",
        "UnicodeEncodeError",
        ("larder/labels.py", "encode_line"),
        5,
        (
            Job("labels", {"name": "Łukasz Żak", "postcode": "E1 6AN", "parcels": 2}),
            Job("labels", {"name": "Kuchyně U Tří růží", "postcode": "N1 9GU", "parcels": 1}),
        ),
    ),
    Scenario(
        "stock-of-an-unknown-product",
        "TypeError",
        ("larder/store.py", "stock_of"),
        4,
        (
            Job("stock", {"sku": "OIL-9", "quantity": 24}),
            Job("stock", {"sku": "tea-1", "quantity": -3}),
        ),
    ),
    Scenario(
        "report-for-december",
        "ValueError",
        ("larder/reports.py", "month_range"),
        2,
        (
            Command(("report", "--month", "2025-12"), release="v1.3.0"),
            Command(("report", "--month", "2026-12")),
        ),
    ),
    Scenario(
        "price-with-thousands",
        "FeedError",
        ("larder/feeds.py", "read_feed"),
        2,
        (
            _import("incoming/ovens.csv", "SKU;Name;Price\nOVEN-1;Combi oven;1.249,00\n"),
            _import("incoming/wine.csv", "SKU;Name;Price\nW-1;Barolo;31,50\nW-2;Yquem;1 150,00\n"),
        ),
    ),
    Scenario(
        "empty-price-list",
        "RuntimeError",
        ("larder/feeds.py", "read_feed"),
        2,
        (_import("incoming/fish.csv", ""), _import("incoming/teas.csv", "\n\n")),
    ),
    Scenario(
        "name-without-latin-letters",
        "IndexError",
        ("larder/catalogue.py", "index_letter"),
        1,
        (Command(("index",)),),
    ),
)

HEALTHY: tuple[Action, ...] = (
    Http("GET", "/products"),
    Http("GET", "/products/OIL-1"),
    Http("GET", "/categories/oils"),
    Http("GET", "/delivery/zones/EC1V 9HQ".replace(" ", "%20")),
    Http("GET", "/delivery/windows/2026-11-24/9"),
    Http("POST", "/quotes", {"lines": [_line("TEA-1", 4, "5.25", 250)]}),
    Http("POST", "/orders", {"customer": "Bistro 9", "lines": [{"sku": "OIL-1", "quantity": 2}]}),
    Job("labels", {"name": "Café Nord", "postcode": "M1 1AE", "parcels": 1}),
    Job("stock", {"sku": "OIL-1", "quantity": 6}),
)
