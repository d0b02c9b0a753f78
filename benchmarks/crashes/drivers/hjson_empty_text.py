"""Device settings: reads hand-written files."""
import hjson


def settings(text):
    return dict(hjson.loads(text))


def main():
    print(settings("{\n  name: tea\n  note: '''\n    hot\n    '''\n}"))
    print(settings("{\n  name: tea\n  note: '''\n    '''\n}"))
