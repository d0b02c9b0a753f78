"""Physics: matrix functions."""
import mpmath


def rotate(rows):
    return mpmath.sinm(rows)


def main():
    print(rotate(mpmath.matrix([[0, 1], [1, 0]])))
    print(rotate([[0, 1], [1, 0]]))
