import asyncio

import sentry_sdk

from feed.sync import Source, sync_all


async def nightly():
    sources = [Source("good", [["Hello|2024-02-01"]]), Source("bad", [["No date|"]])]
    return await sync_all(sources)


try:
    asyncio.run(nightly())
except BaseException:
    sentry_sdk.capture_exception()
