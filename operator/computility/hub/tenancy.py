"""What the hub knows of tenants' namespaces: the class of user that each is in."""

from computility.hub.hub import Hub
from computility.kube.builtin import Namespace
from computility.model.meta import Key


async def know_namespace(name: str, hub: Hub) -> None:
    """Read a namespace that no watch has told of yet: its first job must not pay what others pay.

    Raises:
        ApiError: Nobody knows.
    """
    if Key("", name) in hub.store.namespaces.objects:
        return
    found = await hub.client.find(Namespace, "", name)
    if found is not None:
        hub.intake.seen(found)
