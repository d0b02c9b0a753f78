"""Sensor log: counts the frames that were lost."""
from bitstring import Array


def lost(frames):
    return frames.count(None)


def main():
    print(lost([None, None]))
    print(lost([Array("uint8", [1, 2]), None, Array("uint8", [3])]))
