"""Installing the project's kinds on a control plane."""

from pathlib import Path

import yaml

from computility.lab.kubectl import Kubectl, KubectlFailed
from computility.lab.layout import checkout_folder

ESTABLISHED_SECONDS = 30


def install_crds(kubectl: Path, kubeconfig: Path, folder: Path | None = None) -> list[str]:
    """Apply the CRDs in this folder (the checkout's `crds/` if none is given) and wait until all are served.

    Returns:
        The names of the CRDs, such as `computejobs.computility.io`.

    Raises:
        KubectlFailed: There are none, or the API server refused one.
    """
    folder = folder or checkout_folder("crds")
    names = [_crd_name(file) for file in sorted(folder.glob("*.yaml"))]
    if not names:
        raise KubectlFailed(f'there is no CRD in "{folder}": write them with `make crds`')
    run = Kubectl(kubectl, kubeconfig)
    run("apply", "--server-side", "--force-conflicts", "-f", str(folder))
    run(
        "wait",
        "--for=condition=Established",
        f"--timeout={ESTABLISHED_SECONDS}s",
        *(f"crd/{name}" for name in names),
    )
    # Just after Established, lists answer 429 while storage initialises; kubectl tries again by itself.
    run("get", ",".join(names), "--all-namespaces", "--output=name")
    return names


def _crd_name(file: Path) -> str:
    name: str = yaml.safe_load(file.read_text())["metadata"]["name"]
    return name
