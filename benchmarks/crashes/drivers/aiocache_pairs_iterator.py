"""Prices: keeps the day's prices in the cache."""
import asyncio

from aiocache import Cache


class Prices:
    def __init__(self):
        self.cache = Cache(Cache.MEMORY, namespace="prices")

    async def keep(self, rows):
        pairs = ((row["id"], row["price"]) for row in rows)
        await self.cache.multi_set(pairs, ttl=60)
        return await self.cache.get(rows[0]["id"])


def main():
    print(asyncio.run(Prices().keep([{"id": "a1", "price": 12}, {"id": "a2", "price": 7}])))
