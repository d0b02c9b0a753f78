"""Bridge: calls async code from threads."""
from anyio.from_thread import BlockingPortalProvider


class Bridge:
    def __init__(self, backend):
        self.provider = BlockingPortalProvider(backend=backend)

    def call(self, function):
        with self.provider as portal:
            return portal.call(function)


async def answer():
    return 42


def main():
    print(Bridge("asyncio").call(answer))
    broken = Bridge("no-such-loop")
    for _ in range(2):
        try:
            broken.call(answer)
        except (LookupError, ImportError) as error:
            print(type(error).__name__)
