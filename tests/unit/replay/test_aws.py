"""An AWS call that is refused: one operation fails below boto3, with the error of its service."""

import ast
import json
from pathlib import Path
from typing import Any

from triage.domain.incoming import Kind as Wire
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.drafting.replay.world import aws
from triage.sources import parse_event

REFUSED = "An error occurred (NoSuchKey) when calling the GetObject operation: The key does not exist."


class NoTarget:
    """An interpreter that knows nothing."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, Any]:
        return {}


def builder(root: Path, kind: str, module: str, message: str) -> Builder:
    source = SourceFile("botocore/client.py", {}, False)
    held = {"self": "<botocore.client.S3 object at 0x7f95>", "operation_name": "'GetObject'"}
    frame = StackFrame(0, Kind.LIBRARY, "_api_call", source.path, 3, source, view_of(source, 3, ""), held)
    raw = {"event_id": "a", "exception": {"values": [{"type": kind, "module": module, "value": message}]}}
    scene = Scene(parse_event(json.dumps(raw).encode(), Wire.SDK), (frame,), ("shop",), root, (".",))
    return Builder(scene, Names(NoTarget(), ("shop",), ()), Mined(root), Choices())


def laid(made: Builder) -> str:
    found, raised = aws.refused(made.scene), made.scene.event.crash
    assert found is not None
    assert raised is not None
    aws.lay(made, raised, found)
    return "\n".join(ast.unparse(ast.fix_missing_locations(item)) for item, _ in made.items)


def test_the_error_class_of_a_service_comes_from_its_client(tmp_path: Path) -> None:
    text = laid(builder(tmp_path, "NoSuchKey", "botocore.errorfactory", REFUSED))
    assert "monkeypatch.setenv('AWS_ACCESS_KEY_ID', 'testing')" in text
    assert "error = boto3.client('s3').exceptions.NoSuchKey({'Error': {'Code': 'NoSuchKey'," in text
    assert "if operation == 'GetObject':\n        raise error" in text
    assert text.endswith("setattr(BaseClient, '_make_api_call', MagicMock(side_effect=make_api_call))")


def test_another_code_is_a_client_error(tmp_path: Path) -> None:
    text = laid(builder(tmp_path, "ClientError", "botocore.exceptions", REFUSED.replace("NoSuchKey", "SlowDown")))
    assert "error = ClientError({'Error': {'Code': 'SlowDown'" in text


def test_other_errors_are_not_of_aws(tmp_path: Path) -> None:
    assert aws.refused(builder(tmp_path, "ClientError", "shop.http", REFUSED).scene) is None
    assert aws.refused(builder(tmp_path, "NoSuchKey", "botocore.errorfactory", "gone").scene) is None
