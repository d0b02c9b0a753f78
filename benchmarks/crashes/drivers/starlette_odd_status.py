"""Proxy: passes the status of the upstream on."""
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.testclient import TestClient


async def relay(request):
    raise HTTPException(int(request.path_params["status"]))


def main():
    client = TestClient(Starlette(routes=[Route("/relay/{status}", relay)]))
    for status in (404, 418, 460):
        print(client.get("/relay/%d" % status).status_code)
