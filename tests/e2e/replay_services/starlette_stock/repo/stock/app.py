from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from stock.models import Item, Warehouse

warehouse = Warehouse("north", [Item("A1", 4), Item("B2", 0)])


async def reserve(request):
    body = await request.json()
    taken = warehouse.reserve(body["sku"], body["count"])
    return JSONResponse({"taken": taken})


async def ratio(request):
    sku = request.path_params["sku"]
    return JSONResponse({"ratio": warehouse.ratio(sku, int(request.query_params.get("of", 10)))})


app = Starlette(routes=[Route("/reserve", reserve, methods=["POST"]), Route("/ratio/{sku}", ratio)])
