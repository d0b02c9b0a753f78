"""What a run prints: the frames of the program stand out from those of libraries."""

import pytest

from triage.services.steps import Output
from triage.tui.widgets.work_view import WorkView


@pytest.mark.parametrize(
    ("text", "ink"),
    [
        ("shop/cart.py:8: in total", "bad"),
        ("../../../shop/.venv/lib/python3.11/site-packages/starlette/routing.py:62: in app", "dim"),
        ("/usr/lib/python3/dist-packages/flask/app.py:7: in wsgi_app", "dim"),
        ("/usr/local/lib/python3.12/json/decoder.py:353: in raw_decode", "dim"),
        ("E   KeyError: 'sku'", "bad"),
        ("FAILED tests/test_cart.py::test_total - KeyError: 'sku'", "bad"),
        ("    return prices[sku]", "dim"),
    ],
)
def test_frames_of_libraries_do_not_shout(text: str, ink: str) -> None:
    view = WorkView("Before the fix")
    view._draw = lambda following=None: None  # type: ignore[method-assign]  # it is on no screen
    view.add([Output(text)])
    assert view.said[0].runs[0][1] == ink
