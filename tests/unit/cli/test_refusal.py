"""What the API server's refusals become."""

import json

import pytest

from computility.cli.errors import CliError, Expired, NotFound, Unreachable
from computility.cli.refusal import refusal


def said(message: str = "", **details: object) -> bytes:
    return json.dumps({"kind": "Status", "message": message, "details": details}).encode()


def test_each_refused_field_has_its_line() -> None:
    causes = [{"field": "spec.a", "message": "too long"}, {"field": "spec.b", "message": "Required value"}]

    error = refusal("submit x", 422, said("long text", name="x", causes=causes))

    assert str(error) == "cannot submit x:\n  spec.a: too long\n  spec.b: Required value"


@pytest.mark.parametrize(
    ("status", "body", "type_"),
    [
        pytest.param(404, said("not found", name="x"), NotFound, id="no-such-job"),
        pytest.param(404, said("no resource"), CliError, id="no-such-kind"),
        pytest.param(410, said("too old"), Expired, id="too-old"),
        pytest.param(429, said("wait"), Unreachable, id="too-many"),
        pytest.param(503, b"<html>proxy</html>", Unreachable, id="a-proxy-in-between"),
        pytest.param(409, said("conflict"), CliError, id="conflict"),
    ],
)
def test_a_refusal_says_by_its_type_what_may_be_done(status: int, body: bytes, type_: type[CliError]) -> None:
    assert type(refusal("do it", status, body)) is type_


@pytest.mark.parametrize(
    ("status", "body", "remedy"),
    [
        pytest.param(401, said("Unauthorized"), "log in again", id="credentials"),
        pytest.param(
            403, said("no", kind="computejobs"), "no: ask for the role computility-tenant", id="rights"
        ),
        pytest.param(403, said("no", kind="datalinks"), "the role computility-viewer in all", id="offers"),
        pytest.param(404, said("no resource"), "is this the hub?", id="wrong-cluster"),
        pytest.param(502, b"", "502", id="nothing-said"),
    ],
)
def test_a_refusal_names_the_remedy_in_one_line(status: int, body: bytes, remedy: str) -> None:
    message = str(refusal("do it", status, body))

    assert remedy in message
    assert "\n" not in message
