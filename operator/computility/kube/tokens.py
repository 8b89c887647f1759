"""Short-lived ServiceAccount tokens."""

from datetime import datetime

from computility.kube.builtin import ServiceAccount
from computility.kube.client import Client
from computility.kube.resource import resource_of
from computility.model.base import Value


class BoundSecret(Value, frozen=True, kw_only=True, omit_defaults=False):
    """The Secret that a token dies with."""

    name: str
    uid: str
    kind: str = "Secret"
    api_version: str = "v1"


class TokenStatus(Value, frozen=True, kw_only=True):
    """The token, and when it ends."""

    token: str
    expiration_timestamp: datetime

    def __repr__(self) -> str:
        return f"TokenStatus(token=<hidden>, expiration_timestamp={self.expiration_timestamp:%FT%TZ})"


class _TokenSpec(Value, frozen=True, kw_only=True):
    expiration_seconds: int
    bound_object_ref: BoundSecret | None = None


class _TokenRequest(Value, frozen=True, kw_only=True, omit_defaults=False):
    spec: _TokenSpec
    api_version: str = "authentication.k8s.io/v1"
    kind: str = "TokenRequest"


class _TokenAnswer(Value, frozen=True, kw_only=True):
    status: TokenStatus


async def mint_token(
    client: Client, namespace: str, account: str, *, seconds: int, bound_to: BoundSecret | None = None
) -> TokenStatus:
    """Mint a token of a ServiceAccount by the TokenRequest API.

    Args:
        client: Who asks; needs `create` on `serviceaccounts/token` of that account.
        namespace: The ServiceAccount's namespace.
        account: The ServiceAccount's name.
        seconds: How long the token shall live; the API server refuses less than 600.
        bound_to: A Secret in the same namespace: the token dies within 10 s of it.
    """
    path = resource_of(ServiceAccount).object_path(namespace, account, "token")
    body = _TokenRequest(spec=_TokenSpec(expiration_seconds=seconds, bound_object_ref=bound_to))
    answer = await client.post_raw(_TokenAnswer, path, body)
    return answer.status
