import asyncio

from feed.sync import Source, sync_all


def test_sync():
    assert asyncio.run(sync_all([Source("a", [["x|2024-01-01"]])])) == [[{"title": "x", "year": 2024}]]
