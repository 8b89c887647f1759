"""What the log says of refusals: names, and no text of tenants beyond them."""

from computility.kube.errors import ApiError


def brief(error: ApiError) -> str:
    """Name what the API server refused, without its message: that may repeat what a tenant wrote."""
    fields = ", ".join(cause.field for cause in error.causes)
    words = [type(error).__name__, str(error.status or ""), error.reason, fields]
    return " ".join(word for word in words if word)
