import functools
from concurrent.futures import ThreadPoolExecutor

CALLS = []


def counted(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        CALLS.append(function.__name__)
        return function(*args, **kwargs)

    return wrapper


def crop(box, factor):
    left, top, right, bottom = box
    return (left // factor, top // factor, right // factor, bottom // factor)


@counted
def thumbnail(image, *, factor=2):
    box = image["box"]
    return {"name": image["name"], "box": crop(box, factor)}


def run(images, workers=2):
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(thumbnail, images))
