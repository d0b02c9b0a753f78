import unittest

from worker.jobs import Store, Worker


class WorkerTest(unittest.TestCase):
    def test_resize(self):
        store = Store(":memory:")
        store.push("resize", {"image": {"name": "a", "width": 10, "height": 20}, "width": 5})
        self.assertEqual(Worker(store).run_once()["size"], (5, 10))
