"""Debugger: shows where tasks are."""
import trio


class Watch(trio.abc.Instrument):
    def __init__(self):
        self.tasks = []

    def task_spawned(self, task):
        self.tasks.append(task)

    def places(self):
        return [[frame.f_code.co_name for frame, _ in task.iter_await_frames()] for task in self.tasks[-1:]]


async def work(watch, seen):
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.sleep, 0)
    if watch is not None:
        seen.append(watch.places())


def main():
    seen = []
    trio.run(work, None, seen)
    watch = Watch()
    trio.run(work, watch, seen, instruments=[watch])
    print(len(seen))
