"""Sync: logs what it knows of a folder before the first look."""
from watchdog.utils.dirsnapshot import DirectorySnapshot, EmptyDirectorySnapshot


class Sync:
    def __init__(self):
        self.before = EmptyDirectorySnapshot()

    def status(self):
        return "known: %r" % (self.before,)

    def look(self, folder):
        self.before = DirectorySnapshot(folder)
        return len(self.before.paths)


def main():
    sync = Sync()
    print(sync.status())
    print(sync.look("."))
