"""Calendar: checks whether a slot lies in opening hours."""
import portion


def is_open(hours, slot):
    opening = portion.empty()
    for start, end in hours:
        opening |= portion.closedopen(start, end)
    return portion.closed(*slot) in opening


def main():
    print(is_open([(8, 12)], (9, 10)))
    print(is_open([(8, 12), (13, 17)], (18, 19)))
