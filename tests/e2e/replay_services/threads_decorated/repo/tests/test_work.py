from thumbs.work import thumbnail


def test_thumbnail():
    assert thumbnail({"name": "a", "box": (0, 0, 4, 4)})["box"] == (0, 0, 2, 2)
