"""Totals: asks for one number."""
import asyncio

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine


class Totals:
    def __init__(self, address):
        self.engine = create_async_engine(address)

    async def total(self, statement):
        try:
            async with self.engine.connect() as connection:
                result = await connection.stream(text(statement))
                return await result.scalar_one_or_none()
        finally:
            await self.engine.dispose()


def main():
    print(asyncio.run(Totals("sqlite+aiosqlite://").total("select 7")))
