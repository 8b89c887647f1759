"""Kubeconfig files: whole in themselves, so that they also work where the lab's folder cannot be entered."""

import base64
from pathlib import Path

import yaml

from computility.lab.layout import write_private

CONTEXT = "computility-lab"


def write_kubeconfig(
    path: Path,
    *,
    url: str,
    ca_file: Path,
    token: str | None = None,
    token_file: Path | None = None,
    namespace: str | None = None,
) -> None:
    """Write a kubeconfig of mode 0600 in one step.

    Args:
        path: The file.
        url: The API server.
        ca_file: The certificate that it is checked against; goes into the file.
        token: The bearer token, or
        token_file: a file that has it and is read again when it changes.
        namespace: The namespace of requests that name none; `default` if not given.

    Raises:
        ValueError: Not exactly one of `token` and `token_file` is given.
    """
    if (token is None) == (token_file is None):
        raise ValueError(f'kubeconfig "{path}": give either a token or a token file')
    cluster = {"server": url, "certificate-authority-data": base64.b64encode(ca_file.read_bytes()).decode()}
    context = {"cluster": CONTEXT, "user": CONTEXT, "namespace": namespace or "default"}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": CONTEXT, "cluster": cluster}],
        "users": [
            {"name": CONTEXT, "user": {"tokenFile": str(token_file)} if token_file else {"token": token}}
        ],
        "contexts": [{"name": CONTEXT, "context": context}],
        "current-context": CONTEXT,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    write_private(path, yaml.safe_dump(config, sort_keys=False).encode())
