"""From a kubeconfig to the API server, in all the dialects that kubectl knows."""

import os
from pathlib import Path
from typing import Any

import yaml

from computility.cli.cluster import Cluster
from computility.cli.errors import CliError

_POD_NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")


def connect(namespace: str = "", context: str = "", kubeconfig: Path | None = None) -> Cluster:
    """Connect as kubectl would: to the context's API server, by default in its namespace.

    Raises:
        CliError: The extra `cli` is not installed, or the kubeconfig cannot be used.
    """
    try:
        # Takes most of a second to import, and is no dependency of the hub's and agents' images.
        from kubernetes import client, config  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise CliError(
            f'this command needs the package "{error.name}": install "computility[cli]"'
        ) from error
    configuration = client.Configuration()
    try:
        found = _load(config, configuration, context, kubeconfig)
    except (config.ConfigException, OSError, KeyError, ValueError) as error:
        raise CliError(f"cannot use {_where(kubeconfig)}: {error}") from error
    except (TypeError, AttributeError, yaml.YAMLError) as error:
        # The package takes a file for a kubeconfig without a look at what is in it.
        cause = " ".join(str(error).split())
        raise CliError(f"cannot use {_where(kubeconfig)}: it is no kubeconfig: {cause}") from error
    # Its own retries are silent, and its log of them is not.
    configuration.retries = False
    return Cluster(client.ApiClient(configuration), namespace or found or "default")


def _load(config: Any, configuration: Any, context: str, kubeconfig: Path | None) -> str:
    """Fill the configuration and return the namespace that goes with it."""
    if kubeconfig is None and _is_in_pod():
        config.load_incluster_config(client_configuration=configuration)
        return _POD_NAMESPACE.read_text(encoding="utf-8").strip()
    path = str(kubeconfig or os.environ.get("KUBECONFIG") or Path("~/.kube/config").expanduser())
    config.load_kube_config(path, context or None, client_configuration=configuration)
    contexts, current = config.list_kube_config_contexts(path)
    used = next((each for each in contexts if each["name"] == context), current)
    return str(used["context"].get("namespace") or "")


def _is_in_pod() -> bool:
    """Say whether this runs in a pod and nobody gave it a kubeconfig."""
    has_own = "KUBECONFIG" in os.environ or Path("~/.kube/config").expanduser().exists()
    return not has_own and "KUBERNETES_SERVICE_HOST" in os.environ


def _where(kubeconfig: Path | None) -> str:
    return f'the kubeconfig "{kubeconfig or os.environ.get("KUBECONFIG") or "~/.kube/config"}"'
