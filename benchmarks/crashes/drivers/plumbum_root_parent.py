"""Search: looks for the settings of a project in the folders above."""
from plumbum import local


class Finder:
    def __init__(self, name):
        self.name = name

    def find(self, folder):
        place = local.path(folder)
        while not (place / self.name).exists():
            above = place.parent
            if above == place:
                return None
            place = above
        return place / self.name


def main():
    print(Finder("no-such-settings.toml").find("/usr/lib"))
