"""On a real API server: a job that contradicts itself in what it asks is refused; another is taken."""

import pytest

from computility.model.job_ask_rules import ASK_RULES
from support.api import Api
from support.asks import ASKS, Ask
from support.samples import Manifest, collection, fresh, sample

pytestmark = pytest.mark.control_plane


def cases(*, refused: bool) -> list[object]:
    return [pytest.param(ask, id=name) for name, ask in ASKS.items() if bool(ask.message) is refused]


def a_job_that_asks(ask: Ask, namespace: str) -> Manifest:
    manifest = fresh(sample("computejob-minimal"), namespace)
    return manifest | {"spec": manifest["spec"] | ask.spec}


@pytest.mark.parametrize("ask", cases(refused=True))
def test_what_contradicts_itself_is_refused_with_the_remedy(api: Api, namespace: str, ask: Ask) -> None:
    manifest = a_job_that_asks(ask, namespace)

    refusal = api.create(collection(manifest), manifest)

    assert refusal.code == 422
    assert ask.message in refusal.message


@pytest.mark.parametrize("ask", cases(refused=False))
def test_what_agrees_with_itself_is_taken(api: Api, namespace: str, ask: Ask) -> None:
    manifest = a_job_that_asks(ask, namespace)

    made = api.create(collection(manifest), manifest)

    assert made.is_ok, made.message


def test_every_rule_of_asking_refuses_something_here() -> None:
    assert {rule.message for rule in ASK_RULES} == {ask.message for ask in ASKS.values()} - {""}
