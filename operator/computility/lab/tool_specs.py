"""The programs that the lab runs but does not contain: versions, and where each comes from."""

import platform
from dataclasses import dataclass

Version = tuple[int, ...]

KUBERNETES_MAJOR, KUBERNETES_MINOR = "1", "36"
KUBERNETES = f"{KUBERNETES_MAJOR}.{KUBERNETES_MINOR}.3"
ETCD = "3.6.16"
HELM = "4.2.4"
GO = "1.26"
"""Go 1.27 breaks kube-openapi of this Kubernetes: `kubectl apply` then fails to read the schemas."""
_GO_FOR_DOWNLOAD = "1.26.8"

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
# Without this stamp the server calls itself v0.0.0-master, and kubectl and helm trip over it.
_KUBERNETES_STAMP = " ".join(
    f"-X k8s.io/component-base/version.{name}={value}"
    for name, value in {
        "gitVersion": f"v{KUBERNETES}",
        "gitMajor": KUBERNETES_MAJOR,
        "gitMinor": KUBERNETES_MINOR,
        "gitCommit": "0" * 40,
        "gitTreeState": "clean",
        "buildDate": "2026-01-01T00:00:00Z",
    }.items()
)


@dataclass(frozen=True, slots=True)
class Download:
    """An official release: a program, or an archive with one in it, and a file with its checksum."""

    url: str
    checksum_url: str
    member: str = ""
    """The program's path in the archive; empty if the download is the program itself."""


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """One program: which versions will do, and how to get the one that we pin."""

    name: str
    version: str
    at_least: Version
    below: Version
    version_arguments: tuple[str, ...]
    download: Download
    module: str
    """Its Go module: a folder of `toolchain/`."""
    package: str
    stamp: str = ""
    """Linker flags that tell the program its own version."""

    def accepts(self, version: Version) -> bool:
        """Say whether a program of this version will do."""
        return self.at_least <= version < self.below


def go_toolchain(installed: str) -> str:
    """Return the GOTOOLCHAIN to build with, given what `go env GOVERSION` says."""
    return "local" if installed.startswith(f"go{GO}.") else f"go{_GO_FOR_DOWNLOAD}"


def _architecture() -> str:
    return _ARCHITECTURES.get(platform.machine(), platform.machine())


def _kubernetes(name: str, version_arguments: tuple[str, ...], at_least: Version, below: Version) -> ToolSpec:
    url = f"https://dl.k8s.io/release/v{KUBERNETES}/bin/linux/{_architecture()}/{name}"
    return ToolSpec(
        name=name,
        version=KUBERNETES,
        at_least=at_least,
        below=below,
        version_arguments=version_arguments,
        download=Download(url, f"{url}.sha256"),
        module="kubernetes",
        package=f"k8s.io/kubernetes/cmd/{name}",
        stamp=_KUBERNETES_STAMP,
    )


def _etcd() -> ToolSpec:
    folder = f"https://github.com/etcd-io/etcd/releases/download/v{ETCD}"
    archive = f"etcd-v{ETCD}-linux-{_architecture()}"
    return ToolSpec(
        name="etcd",
        version=ETCD,
        at_least=(3, 5),
        below=(4,),
        version_arguments=("--version",),
        download=Download(f"{folder}/{archive}.tar.gz", f"{folder}/SHA256SUMS", f"{archive}/etcd"),
        module="etcd",
        package="go.etcd.io/etcd/server/v3",
    )


def _helm() -> ToolSpec:
    url = f"https://get.helm.sh/helm-v{HELM}-linux-{_architecture()}.tar.gz"
    return ToolSpec(
        name="helm",
        version=HELM,
        at_least=(3, 14),
        below=(5,),
        version_arguments=("version", "--short"),
        download=Download(url, f"{url}.sha256sum", f"linux-{_architecture()}/helm"),
        module="helm",
        package="helm.sh/helm/v4/cmd/helm",
        stamp=f"-X helm.sh/helm/v4/internal/version.version=v{HELM}",
    )


# A controller manager must not be newer than its API server: both are held to one minor version.
# kubectl may be one minor version off either way.
SPECS = {
    spec.name: spec
    for spec in (
        _etcd(),
        _kubernetes("kube-apiserver", ("--version",), (1, 36), (1, 37)),
        _kubernetes("kube-controller-manager", ("--version",), (1, 36), (1, 37)),
        _kubernetes("kubectl", ("version", "--client", "--output=json"), (1, 35), (1, 38)),
        _helm(),
    )
}
