"""Queue: keeps orders as JSON."""
import dataclasses

import jsonpickle


@dataclasses.dataclass(frozen=True)
class Order:
    number: int
    total: float = 0.0


class Queue:
    def __init__(self):
        self.rows = []

    def put(self, item):
        self.rows.append(jsonpickle.encode(item))

    def get(self):
        return jsonpickle.decode(self.rows.pop(0))


def main():
    queue = Queue()
    queue.put({"number": 1})
    print(queue.get())
    queue.put(Order(2, 9.5))
    print(queue.get())
