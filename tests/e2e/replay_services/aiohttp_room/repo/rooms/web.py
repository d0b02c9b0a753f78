from aiohttp import web

from rooms.plan import Plan

routes = web.RouteTableDef()
plan = Plan({"blue": [8, 9], "red": []})


@routes.post("/rooms/{name}/book")
async def book(request):
    body = await request.json()
    slot = plan.book(request.match_info["name"], body["hour"], body.get("length"))
    return web.json_response({"slot": slot})


def make_app():
    app = web.Application()
    app.add_routes(routes)
    return app
