"""Worker: stops its scheduler whatever happened."""
import asyncio

from apscheduler.schedulers import SchedulerNotRunningError
from apscheduler.schedulers.asyncio import AsyncIOScheduler


async def stop(scheduler):
    try:
        scheduler.shutdown(wait=False)
        await asyncio.sleep(0)
    except SchedulerNotRunningError:
        return "was not running"
    return "stopped"


async def run(started):
    scheduler = AsyncIOScheduler()
    if started:
        scheduler.start()
    return await stop(scheduler)


def main():
    print(asyncio.run(run(True)))
    print(asyncio.run(run(False)))
