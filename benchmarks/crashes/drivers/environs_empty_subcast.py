"""Settings: reads the service's settings from the environment."""
import os

from environs import Env


def settings():
    env = Env()
    return {"name": env.str("WORKER_NAME", "worker"), "ports": env.list("WORKER_PORTS", subcast=int)}


def main():
    os.environ["WORKER_PORTS"] = ""
    print(settings())
