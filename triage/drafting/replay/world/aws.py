"""A call of an AWS service that is answered with the error of production: below boto3, for one operation only."""

import ast
import re
from typing import TYPE_CHECKING

from triage.domain.event import Raised

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder
    from triage.drafting.replay.stack.scene import Scene

# Without these a client asks the machine that it runs on.
SETTINGS = {
    "AWS_DEFAULT_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing",
}  # fmt: skip
_ANSWER = re.compile(r"An error occurred \(([\w.]+)\) when calling the (\w+) operation.*?: (.*)", re.DOTALL)
_CLIENT = re.compile(r"<botocore\.client\.(\w+) object")
_FAILING = """
def make_api_call(operation, parameters):
    if operation == OPERATION:
        raise ERROR
    return {}
"""


def refused(scene: "Scene") -> "tuple[re.Match[str], str] | None":
    """The message's parts (code, operation, text) and the service that refused; None for any other crash."""
    crash = scene.event.crash
    match = _ANSWER.fullmatch(crash.value[:2000]) if crash is not None else None
    if match is None or crash is None or not str(crash.module).startswith("botocore"):
        return None
    service = ""
    for frame in scene.frames:
        if frame.path.endswith("botocore/client.py"):
            named, shown = frame.variables.get("service_name"), _CLIENT.match(str(frame.variables.get("self")))
            service = str(named).strip("'") if named is not None else service or (shown[1].lower() if shown else "")
    return (match, service) if re.fullmatch(r"[a-z][a-z0-9-]*", service) else None


def lay(builder: "Builder", raised: Raised, found: "tuple[re.Match[str], str]") -> None:
    """Make every client's call of that operation fail; other operations answer nothing."""
    match, service = found
    monkeypatch = builder.fixture("monkeypatch")
    for name, value in SETTINGS.items():
        words: list[ast.expr] = [ast.Constant(name), ast.Constant(value)]
        builder.add(ast.Expr(ast.Call(ast.Attribute(monkeypatch, "setenv"), words, [])))
    answer = ast.parse(repr({"Error": {"Code": match[1], "Message": match[3]}}), mode="eval").body
    if str(raised.module) == "botocore.errorfactory" and raised.type.isidentifier():
        # Such a class is made by the client of its service; clients of one session share it.
        client = ast.Call(ast.Attribute(builder.import_module("boto3"), "client"), [ast.Constant(service)], [])
        kind: ast.expr = ast.Attribute(ast.Attribute(client, "exceptions"), raised.type)
    else:
        kind = builder.name("botocore.exceptions:ClientError")
    error = builder.assign("error", ast.Call(kind, [answer, ast.Constant(match[2])], []), keep=True)
    builder.taken.add("make_api_call")
    text = _FAILING.replace("OPERATION", repr(match[2])).replace("ERROR", ast.unparse(error))
    builder.add(ast.parse(text).body[0])
    failing = ast.keyword("side_effect", ast.Name("make_api_call"))
    words = [
        builder.name("botocore.client:BaseClient"),
        ast.Constant("_make_api_call"),
        ast.Call(builder.name("unittest.mock:MagicMock"), [], [failing]),
    ]
    builder.add(ast.Expr(ast.Call(ast.Attribute(monkeypatch, "setattr"), words, [])))
