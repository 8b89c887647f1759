"""Whether the API server serves our kinds: Kopf ignores for ever what is missing when it starts."""

from computility.kube.builtin import CustomResourceDefinition
from computility.kube.client import Client
from computility.model.kinds import KINDS


class KindsMissing(Exception):
    """The API server does not serve all our kinds; the message names them and the remedy."""


async def require_kinds(client: Client) -> None:
    """Check that every CustomResourceDefinition is there and established.

    Raises:
        KindsMissing: At least one is not.
        ApiError: The API server could not be asked.
    """
    missing = [name for name in (t.KIND.crd_name for t in KINDS) if not await _is_served(client, name)]
    if missing:
        raise KindsMissing(
            f"the hub cannot start: {client.config.server} does not serve {', '.join(missing)}; "
            "install them by `kubectl apply -f crds/`"
        )


async def _is_served(client: Client, name: str) -> bool:
    found = await client.find(CustomResourceDefinition, "", name)
    return found is not None and found.is_established
