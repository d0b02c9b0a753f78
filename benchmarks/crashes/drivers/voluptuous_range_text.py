"""Settings: checked before they are saved."""
from voluptuous import All, Invalid, Range, Required, Schema

SETTINGS = Schema({Required("name"): str, Required("retries"): All(Range(min=0, max=10))})


def save(settings):
    try:
        return SETTINGS(settings)
    except Invalid as error:
        return str(error)


def main():
    print(save({"name": "a", "retries": 3}))
    print(save({"name": "a", "retries": 30}))
    print(save({"name": "a", "retries": "three"}))
