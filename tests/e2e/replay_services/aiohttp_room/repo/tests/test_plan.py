from rooms.plan import Plan


def test_book():
    assert Plan({"a": []}).book("a", 9) == [9]
