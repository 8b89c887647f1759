"""The class of user that a namespace is in, as the command reads it."""

import msgspec
import pytest

from computility.cli.cluster import Answer, Request
from computility.cli.errors import CliError, Forbidden, NotFound
from computility.cli.quotes import Market, make_quotes
from computility.cli.user_class import read_user_classes
from computility.model.tariff import PriceFactor, Tariff
from computility.placement.snapshot import Snapshot
from support.builders import NOON, a_job
from support.placing import a_pool_with

LABELS = {"computility.io/user-class": "academic"}


class Namespaces:
    """A cluster with one namespace, or an error instead."""

    def __init__(self, error: CliError | None = None, **labels: str) -> None:
        self._error, self._labels = error, labels

    def send(self, request: Request) -> Answer:
        assert request.path == "/api/v1/namespaces/team-a"
        if self._error is not None:
            raise self._error
        return Answer(200, msgspec.json.encode({"metadata": {"name": "team-a", "labels": self._labels}}))


@pytest.mark.parametrize(
    ("namespaces", "user_class", "told"),
    [
        pytest.param(Namespaces(**LABELS), "academic", "", id="labelled"),
        pytest.param(Namespaces(), "", "", id="not-labelled"),
        pytest.param(Namespaces(NotFound("no such namespace")), "", "", id="not-there"),
        pytest.param(
            Namespaces(Forbidden("ask for the role computility-viewer")),
            "",
            "prices are those of no class of user: ask for the role computility-viewer",
            id="forbidden",
        ),
    ],
)
def test_a_namespaces_class_is_its_label(
    namespaces: Namespaces, user_class: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert read_user_classes(namespaces, ["team-a"]) == {"team-a": user_class}  # type: ignore[arg-type]
    assert capsys.readouterr().err.strip() == told


def test_what_can_be_no_namespace_is_not_asked_for() -> None:
    with pytest.raises(CliError, match="no namespace can be named"):
        read_user_classes(Namespaces(), ["../x"])  # type: ignore[arg-type]


def test_a_quote_has_the_factor_of_the_jobs_namespace() -> None:
    factors = (PriceFactor(user_class="academic", factor=0.5),)
    snapshot = Snapshot(pools=(a_pool_with(tariff=Tariff(per_core_hour="60", factors=factors)),))

    (usual,) = make_quotes([a_job()], [], Market(snapshot, NOON))
    (academic,) = make_quotes([a_job()], [], Market(snapshot, NOON, user_classes={"team-a": "academic"}))

    assert usual.chosen is not None
    assert academic.chosen is not None
    assert (usual.chosen.cost, academic.chosen.cost) == ("1", "0.5")
