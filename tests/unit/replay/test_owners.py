"""What a test gave to an object is asked for itself, not through the object."""

import ast

from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.smaller.owners import without_owner

BODY = """
async with Client('x') as client:
    desk = Desk(client, size=3)
    desk.size = 4
    await desk.client.ask(desk.name)
"""


def test_an_object_that_was_given_is_asked_itself() -> None:
    body = ast.parse(BODY).body
    found = [
        ast.unparse(ast.Module(list(item.body), [])) for item in without_owner(Candidate((), tuple(body), "e", "h"))
    ]
    assert found == [ast.unparse(ast.parse(BODY.replace("desk.client.ask", "client.ask")))]


def test_nothing_is_asked_of_what_the_object_was_not_made_of() -> None:
    body = ast.parse("desk = Desk(3)\ndesk.client.ask()").body
    assert not list(without_owner(Candidate((), tuple(body), "e", "h")))
