"""Launcher: hands the settings of the web server to its children."""
import pickle
from gunicorn.config import Config


class Launcher:
    def __init__(self, settings):
        self.config = Config()
        for name, value in settings.items():
            self.config.set(name, value)

    def parcel(self):
        return pickle.dumps(self.config.bind), pickle.dumps(self.config)


def child(parcel):
    return pickle.loads(parcel)


def main():
    launcher = Launcher({"bind": ["127.0.0.1:8000"], "workers": 3})
    address, config = launcher.parcel()
    print(child(address))
    print(child(config).workers)
