"""A server on loopback in place of the one that production talked to: it answers any request."""

import ast
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from triage.domain.event import Json
from triage.drafting.replay.building.opaque import content_options
from triage.drafting.replay.stack.scene import StackFrame

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder

_ADDRESS = re.compile(r"http://[\w.-]+(:\d+)?([/?#][\w./?=&%+,:;~#@!-]*)?", re.ASCII)
_LOOPBACK = ("127.0.0.1", "localhost", "0.0.0.0")
_STATUS = ("status", "status_code", "code")
_SERVER = """
class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(STATUS)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def log_message(self, *arguments):
        pass
"""


def is_address(text: str) -> bool:
    """Whether a captured text is the address of an HTTP server without TLS."""
    return len(text) < 500 and bool(_ADDRESS.fullmatch(text))


def options(builder: "Builder", frame: StackFrame, text: str, key: str) -> ast.expr:
    """The address as it was, or the same path of a server that the test starts."""
    local = urlsplit(text).hostname in _LOOPBACK
    choice = builder.choices.pick("the server", [(0.0, "as it was"), (0.7 if local else 2.6, "on loopback")])
    if choice == "as it was":
        return ast.Constant(text)
    server = _started(builder, frame)
    rest = text.split("://", 1)[1].partition("/")
    port = ast.FormattedValue(ast.Attribute(server, "server_port"), -1)
    return ast.JoinedStr([ast.Constant("http://127.0.0.1:"), port, ast.Constant("".join(rest[1:]))])


def is_port(frame: StackFrame, name: str, wire: Json) -> bool:
    """Whether a captured number is the port of a server on this machine."""
    hosts = [frame.variables.get(item) for item in ("host", "hostname", "address")]
    local = any(isinstance(host, str) and host.strip("'") in _LOOPBACK for host in hosts)
    return name == "port" and local and str(wire).isdigit()


def port(builder: "Builder", frame: StackFrame, wire: Json) -> ast.expr:
    """The port as it was, or that of a server that the test starts."""
    if builder.choices.pick("the server", [(0.0, "as it was"), (0.7, "on loopback")]) == "as it was":
        return ast.Constant(int(str(wire)))
    return ast.Attribute(_started(builder, frame), "server_port")


def _started(builder: "Builder", frame: StackFrame) -> ast.expr:
    known = ("server",)
    if known in builder.bound:
        return builder.bound[known]
    held = [item for item in content_options(builder, frame, bytes) if item[1] is not None][:3]
    content = builder.choices.pick("the server's answer", [(0.0, ast.Constant(b"ok")), *held])
    answer, kind = builder.fresh("answer"), builder.fresh("Answer")
    builder.add(ast.Assign([ast.Name(answer, ast.Store())], content or ast.Constant(b""), lineno=0))
    filled = _SERVER.replace("CONTENT", answer).replace("STATUS", str(_status(builder))).replace("Answer", kind, 1)
    builder.name("http.server:BaseHTTPRequestHandler")
    builder.add(ast.parse(filled).body[0])
    place = ast.Tuple([ast.Constant("127.0.0.1"), ast.Constant(0)], ast.Load())
    made = ast.Call(builder.name("http.server:ThreadingHTTPServer"), [place, ast.Name(kind)], [])
    server = builder.assign("server", made, keep=True)
    run = ast.keyword("target", ast.Attribute(server, "serve_forever"))
    thread = ast.Call(builder.name("threading:Thread"), [], [run, ast.keyword("daemon", ast.Constant(True))])
    builder.add(ast.Expr(ast.Call(ast.Attribute(thread, "start"), [], [])))
    builder.notes.append("a server on loopback answers in place of the one in production")
    builder.bound[known] = server
    return server


def _status(builder: "Builder") -> int:
    """The status that some frame holds, 200 when none does."""
    for frame in reversed(builder.scene.frames):
        for name in _STATUS:
            text = str(frame.variables.get(name, ""))
            if re.fullmatch(r"[1-5]\d\d", text):
                return int(text)
    return 200
