"""Jobs: typed settings."""
import attr
from omegaconf import OmegaConf


@attr.s(auto_attribs=True)
class Retry:
    times: int = 3


@attr.s(auto_attribs=True)
class Job:
    name: "str" = "nightly"
    retry: "Retry" = Retry()


def settings(kind, overrides):
    return OmegaConf.merge(OmegaConf.structured(kind), overrides)


def main():
    print(settings(Retry, {"times": 5}))
    print(settings(Job, {"name": "weekly"}))
