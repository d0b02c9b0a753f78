"""Preview server: wraps the app in the interactive debugger."""
from werkzeug.debug import DebuggedApplication
from werkzeug.wrappers import Response


def app(environ, start_response):
    return Response("preview")(environ, start_response)


def build(settings):
    wrapped = app
    if settings["debug"]:
        wrapped = DebuggedApplication(wrapped, evalex=settings["evalex"], pin_security=settings["pin"])
    return wrapped


def main():
    print(build({"debug": False, "evalex": True, "pin": True}))
    print(build({"debug": True, "evalex": True, "pin": False}))
