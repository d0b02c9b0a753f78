"""Grammar store: keeps a new grammar only when its rules changed."""
from parsimonious.grammar import Grammar


class Store:
    def __init__(self):
        self.known = {}

    def put(self, name, text):
        grammar = Grammar(text)
        before = self.known.get(name)
        changed = before is None or any(before[rule] != grammar[rule] for rule in grammar)
        self.known[name] = grammar
        return changed


LIST = """
    items = item ("," items)?
    item = ~"[a-z]+" / ("(" items ")")
"""


def main():
    store = Store()
    print(store.put("word", 'word = ~"[a-z]+"'), store.put("word", 'word = ~"[a-z]+"'))
    print(store.put("list", LIST), store.put("list", LIST))
