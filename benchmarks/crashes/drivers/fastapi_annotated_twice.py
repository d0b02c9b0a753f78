"""Orders: one handler on two addresses."""
from typing import Annotated

from fastapi import APIRouter, FastAPI, Query


async def orders(day: Annotated[str, Query(max_length=10)] = "today"):
    return {"day": day}


def service(addresses):
    router = APIRouter()
    handler = orders
    for address in addresses:
        handler = router.get(address)(handler)
    app = FastAPI()
    app.include_router(router)
    return app


def main():
    print(len(service(["/orders", "/v2/orders"]).routes))
