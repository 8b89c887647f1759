"""What the hub knows of a tenant's namespace."""

from computility.hub.hub import Hub
from computility.hub.tenancy import know_namespace
from computility.kube.builtin import Namespace
from computility.model.meta import ObjectMeta
from computility.model.names import USER_CLASS_LABEL
from support.fake_client import FakeClient
from support.stored import a_waiting_job, stored


def labelled(name: str, labels: dict[str, str], version: int = 1) -> Namespace:
    made: Namespace = stored(Namespace(metadata=ObjectMeta(name=name, labels=labels)), version=version)
    return made


async def test_a_namespace_that_nobody_has_told_of_is_read_once(hub: Hub, client: FakeClient) -> None:
    client.live[Namespace] = labelled("new", {USER_CLASS_LABEL: "academic"})

    await know_namespace("new", hub)
    await know_namespace("new", hub)

    assert client.asked == ["get new"]
    assert hub.store.class_of("new") == "academic"


async def test_who_is_in_no_class_pays_what_everybody_does(hub: Hub, client: FakeClient) -> None:
    await know_namespace("gone", hub)

    assert (hub.store.class_of("gone"), hub.store.class_of("team")) == ("", "")


async def test_jobs_that_wait_ask_as_the_class_that_their_namespace_is_in_now(hub: Hub) -> None:
    """A hub that starts lists jobs before namespaces; and labels change."""
    hub.intake.seen(a_waiting_job())

    hub.intake.seen(labelled("team", {USER_CLASS_LABEL: "industry"}, version=2))

    assert [ask.request.user_class for ask in hub.store.waiting.asks.values()] == ["industry"]
