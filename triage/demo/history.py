"""The sample service's history: who committed what, when, and which releases were tagged.

A commit's `key` is what the template files name in their `#@ from KEY` lines.
"""

from dataclasses import dataclass
from datetime import datetime

MINA = "Mina Okafor <mina@larder.example>"
TOMAS = "Tomás Reyes <tomas@larder.example>"
INGRID = "Ingrid Halvorsen <ingrid@larder.example>"
WEI = "Wei Zhang <wei@larder.example>"


@dataclass(frozen=True, slots=True)
class Commit:
    """One step of the history. `tag` is an annotated tag set on it."""

    key: str
    author: str
    when: str
    message: str
    tag: str | None = None

    @property
    def timestamp(self) -> int:
        """Seconds since the epoch, UTC."""
        return int(datetime.fromisoformat(self.when).timestamp())


COMMITS = (
    Commit("catalogue", MINA, "2026-02-16T09:12:00+00:00", "Keep the catalogue in SQLite"),
    Commit("http", TOMAS, "2026-02-19T14:40:00+00:00", "Serve the catalogue over HTTP"),
    Commit(
        "orders",
        MINA,
        "2026-02-27T11:05:00+00:00",
        "Take orders and price them\n\nDiscounts are capped; rounding happens once, at the end.",
    ),
    Commit("owners", INGRID, "2026-03-03T16:22:00+00:00", "Say who reviews what", "v1.0.0"),
    Commit("categories", TOMAS, "2026-03-17T10:01:00+00:00", "Put products on shelves, with a path to each"),
    Commit(
        "pages",
        TOMAS,
        "2026-03-24T15:48:00+00:00",
        "List products page by page\n\nThe full list had grown to 900 kB.",
        "v1.1.0",
    ),
    Commit("delivery", INGRID, "2026-04-08T08:33:00+00:00", "Delivery zones and carriers"),
    Commit("windows", INGRID, "2026-04-14T13:27:00+00:00", "Delivery windows by the hour of the local day"),
    Commit("quotes", MINA, "2026-04-23T09:55:00+00:00", "Quote a basket without ordering it"),
    Commit("reports", WEI, "2026-05-06T17:10:00+00:00", "Daily and monthly sales reports", "v1.2.0"),
    Commit("worker", WEI, "2026-05-20T10:46:00+00:00", "Print labels in a worker, not in the request"),
    Commit("feeds", MINA, "2026-05-29T12:18:00+00:00", "Take over suppliers' price lists"),
    Commit("stock", WEI, "2026-06-10T09:02:00+00:00", "Book goods in and out"),
    Commit("reminders", WEI, "2026-06-18T15:31:00+00:00", "Remind customers on the channel they prefer"),
    Commit("customers", TOMAS, "2026-06-30T11:44:00+00:00", "Enrol customers in bulk", "v1.3.0"),
    Commit(
        "streaming",
        MINA,
        "2026-07-09T14:09:00+00:00",
        "Read price lists line by line\n\nThe largest supplier's list no longer fits the worker's memory.",
    ),
    Commit("staff-discount", INGRID, "2026-07-21T10:37:00+00:00", "Staff discount: a quarter off, without a cap"),
    Commit("instructions", TOMAS, "2026-08-04T09:20:00+00:00", "Pass delivery instructions on to the driver"),
    Commit("no-freight", INGRID, "2026-08-17T16:53:00+00:00", "Drop the freight carrier, the contract ended"),
    Commit("announce", WEI, "2026-08-26T13:15:00+00:00", "Tell a whole tour at once that it is late"),
    Commit("emails", TOMAS, "2026-09-07T10:28:00+00:00", "E-mail addresses differ not by case alone"),
    Commit("slots", INGRID, "2026-09-16T11:50:00+00:00", "Check a slot before it is ordered"),
    Commit("letters", MINA, "2026-09-24T08:41:00+00:00", "A-Z index for the printed catalogue"),
    Commit("release-140", INGRID, "2026-09-30T15:00:00+00:00", "Release 1.4.0", "v1.4.0"),
    Commit("timing", WEI, "2026-10-08T09:36:00+00:00", "Log how long a job takes"),
    Commit("quote-docs", MINA, "2026-10-15T14:22:00+00:00", "Explain quotes, and how prices round"),
)

FIXES = {
    "fix/average-of-no-orders": Commit(
        "fix/average-of-no-orders",
        WEI,
        "2026-10-20T10:05:00+00:00",
        "A day without orders averages nothing",
    ),
    "fix/discount-without-cap": Commit(
        "fix/discount-without-cap",
        INGRID,
        "2026-10-21T16:40:00+00:00",
        "A discount without a cap is not limited",
    ),
}

STAGING = Commit(
    "staging",
    TOMAS,
    "2026-10-22T09:30:00+00:00",
    "Merge branches 'fix/average-of-no-orders' and 'fix/discount-without-cap'",
)
"""Both fixes together, as they wait for the next release: what a draft is run after."""

STEPS = {commit.key: number for number, commit in enumerate(COMMITS)}
TAGS = {commit.tag: commit.key for commit in COMMITS if commit.tag}
