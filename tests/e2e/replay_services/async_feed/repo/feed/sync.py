import asyncio


class Source:
    def __init__(self, name, pages):
        self.name = name
        self.pages = pages

    async def fetch(self, page):
        await asyncio.sleep(0)
        return self.pages[page]


def parse(entry):
    title, _, stamp = entry.partition("|")
    return {"title": title, "year": int(stamp.split("-")[0])}


async def sync(source, page=0):
    entries = await source.fetch(page)
    return [parse(entry) for entry in entries]


async def sync_all(sources):
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(sync(source)) for source in sources]
    return [task.result() for task in tasks]
