from dataclasses import dataclass, field


@dataclass
class Item:
    sku: str
    count: int

    def share(self, total: int) -> float:
        return total / self.count


@dataclass
class Warehouse:
    name: str
    items: list[Item] = field(default_factory=list)

    def find(self, sku: str) -> Item:
        return next(item for item in self.items if item.sku == sku)

    def reserve(self, sku: str, count: int) -> int:
        item = self.find(sku)
        taken = min(item.count, count)
        item.count -= taken
        return taken

    def ratio(self, sku: str, total: int) -> float:
        return self.find(sku).share(total)
