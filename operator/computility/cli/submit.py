"""`computility submit`: apply jobs from YAML files."""

from typing import Annotated

import typer

from computility.cli.connect import connect
from computility.cli.errors import CliError
from computility.cli.jobs import Applied, Jobs
from computility.cli.manifests import Manifest, read_manifests
from computility.cli.options import Context, Kubeconfig, Namespace
from computility.cli.printing import phase_word, shown_name
from computility.cli.wait import wait_for

Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE...", help="YAML files with ComputeJobs; - is standard input.", show_default=False
    ),
]


def submit(
    files: Files,
    *,
    wait: Annotated[
        bool,
        typer.Option(
            "--wait", help="Then wait for their ends, and exit as the first that failed did, as `wait` would."
        ),
    ] = False,
    namespace: Namespace = "",
    context: Context = "",
    kubeconfig: Kubeconfig = None,
) -> None:
    """Apply the ComputeJobs in YAML files.

    The API server checks them strictly: a field that it does not know is refused. Files are read whole
    before anything is sent; a job that is refused stops the ones behind it.
    """
    manifests = read_manifests(files)
    cluster = connect(namespace, context, kubeconfig)
    for manifest in manifests:
        _refuse_other_namespace(manifest, namespace)
    sent = [(Jobs(cluster, each.namespace or cluster.namespace), each) for each in manifests]
    for jobs, manifest in sent:
        _submit_one(jobs, manifest)
    if wait:
        codes = [wait_for(jobs, manifest.name) for jobs, manifest in sent]
        raise typer.Exit(next((code for code in codes if code), 0))


def _submit_one(jobs: Jobs, manifest: Manifest) -> None:
    applied = jobs.apply(manifest.body)
    print(f"{shown_name(manifest.name)} {_describe(applied)}")


def _describe(applied: Applied) -> str:
    if applied.job.has_ended:
        return f"has ended before ({phase_word(applied.job)}): a new run needs a new name"
    return "created" if applied.is_new else "configured"


def _refuse_other_namespace(manifest: Manifest, namespace: str) -> None:
    if namespace and manifest.namespace not in ("", namespace):
        raise CliError(
            f'cannot submit {manifest.source}: its namespace is "{manifest.namespace}", '
            f'and --namespace says "{namespace}": leave one of them out'
        )
