"""`computility quote`: what jobs would cost, and where they would go."""

import enum
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from computility.cli.array_sections import shares
from computility.cli.candidates import candidates, describe_fit
from computility.cli.cluster import Cluster
from computility.cli.connect import connect
from computility.cli.earlier import read_earlier
from computility.cli.errors import CliError
from computility.cli.job_checks import broken_rules
from computility.cli.manifests import Manifest, read_manifests
from computility.cli.offers import read_preset, read_snapshot
from computility.cli.options import Context, Fleet, Kubeconfig, Namespace
from computility.cli.printing import print_document, print_lines, print_sections
from computility.cli.quote_markdown import render
from computility.cli.quote_words import comparison, headline
from computility.cli.quotes import Market, Quote, as_quote, document, make_quotes, with_policy
from computility.cli.receipt import rejected
from computility.cli.strict import parse_job
from computility.cli.unswept import unswept
from computility.cli.user_class import read_user_classes
from computility.cli.verdict import NOT_PLACED
from computility.model.compute_job import ComputeJob, Policy
from computility.placement.snapshot import Snapshot

DOING = "quote"


class QuoteForm(enum.StrEnum):
    """How to print quotes."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"
    MARKDOWN = "markdown"


Files = Annotated[
    list[str],
    typer.Option("--file", "-f", help="YAML file with ComputeJobs; - is standard input.", show_default=False),
]
OtherPolicy = Annotated[
    Policy | None, typer.Option("--policy", help="Instead of the jobs' own.", show_default=False)
]
Against = Annotated[
    str, typer.Option("--against", metavar="FILE", help="Show the change against the jobs of this file.")
]


def quote(
    files: Files,
    *,
    policy: OtherPolicy = None,
    against: Against = "",
    output: Annotated[QuoteForm, typer.Option("--output", "-o", help="How to print.")] = QuoteForm.TABLE,
    fleet: Fleet = None,
    namespace: Namespace = "",
    context: Context = "",
    kubeconfig: Kubeconfig = None,
) -> None:
    """Show what jobs would cost, and where.

    Nothing runs: members, pools and links are read with your own rights, nothing is written. What the
    network's other jobs hold of a pool is not known here: where a pool is full, the job would wait or go to
    the next best. Beside --against, jobs are told apart by their names, unless there is but one on each side.

    \b
    Exit codes:
      0    each job has a pool that fits
      1    a file cannot be read, or what the network offers
      125  a job fits nowhere
      2    a wrong use of this command
    """  # noqa: D301 - \b is how click is told not to wrap what follows
    cluster = None if fleet else connect(namespace, context, kubeconfig)
    home = cluster.namespace if cluster else namespace or "default"
    jobs, before = (_read(sources, home, policy) for sources in (files, [against] if against else []))
    with unswept():
        snapshot = read_snapshot(cluster) if cluster else read_preset(str(fleet))
        quotes = make_quotes(jobs, before, _market(cluster, snapshot, [*jobs, *before]))
    _print(quotes, against, output)
    if any(each.chosen is None for each in quotes):
        raise typer.Exit(NOT_PLACED)


def _market(cluster: Cluster | None, snapshot: Snapshot, jobs: Sequence[ComputeJob]) -> Market:
    """Add what the cluster knows of these jobs' namespaces, and of the jobs that they are similar to."""
    now = datetime.now(UTC)
    if cluster is None:
        return Market(snapshot, now)
    namespaces = {job.metadata.namespace for job in jobs}
    return Market(snapshot, now, read_earlier(cluster, jobs), read_user_classes(cluster, namespaces))


def _read(sources: Iterable[str], namespace: str, policy: Policy | None) -> list[ComputeJob]:
    """Read the jobs of files; those that name no namespace are of this one."""
    if not sources:
        return []
    return [_parse(manifest, namespace, policy) for manifest in read_manifests(sources, DOING)]


def _parse(manifest: Manifest, namespace: str, policy: Policy | None) -> ComputeJob:
    job = as_quote(with_policy(parse_job(manifest, namespace, DOING), policy))
    if policy is not None and (broken := broken_rules(job.spec)):
        raise CliError(f"cannot quote {manifest.source} with --policy {policy.value}: {broken[0]}")
    return job


def _print(quotes: Sequence[Quote], source: str, form: QuoteForm) -> None:
    if form is QuoteForm.TABLE:
        for number, each in enumerate(quotes):
            if number:
                print_lines("", "")
            _print_tables(each, source)
    elif form is QuoteForm.MARKDOWN:
        print(render(quotes, source))
    else:
        print_document(document(quotes, source), form)


def _print_tables(quote: Quote, source: str) -> None:
    lines = [headline(quote), comparison(quote, source), quote.note]
    print_lines(*filter(None, lines))
    print_sections(candidates(quote.job, quote.receipt, describe_fit(quote.receipt)))
    print_sections([shares(quote.receipt), rejected(quote.receipt)])
