"""Cache: keeps the rows of a question for the next one who asks."""
import asyncio

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine


class Cache:
    def __init__(self, engine):
        self.engine = engine
        self.frozen = {}

    async def ask(self, statement, **values):
        key = statement, tuple(sorted(values.items()))
        if key not in self.frozen:
            async with self.engine.connect() as connection:
                result = await connection.stream(text(statement), values)
                self.frozen[key] = await result.freeze()
        return self.frozen[key]().all()


async def run():
    engine = create_async_engine("sqlite+aiosqlite://")
    cache = Cache(engine)
    try:
        return await cache.ask("select :number as number, 'ana' as name", number=7)
    finally:
        await engine.dispose()


def main():
    print(asyncio.run(run()))
