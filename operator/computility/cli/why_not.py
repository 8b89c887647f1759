"""`computility why-not`: what speaks against one pool for a job, or what puts others before it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import typer

from computility.cli.connect import connect
from computility.cli.earlier import find_earlier, read_earlier
from computility.cli.jobs import Jobs
from computility.cli.offers import read_snapshot
from computility.cli.options import Context, Document, Job, Kubeconfig, Namespace
from computility.cli.pool_name import pool_name
from computility.cli.printing import print_document, print_lines, print_sections
from computility.cli.row_figures import describe_basis, figures_of, write_figures
from computility.cli.section import Row, Section
from computility.cli.standing import Standing, find_row, open_count
from computility.cli.unswept import unswept
from computility.cli.user_class import read_user_classes
from computility.lifecycle.declared_work import declared_work
from computility.model.compute_job import Attempt, ComputeJob
from computility.placement.request import Request
from computility.placement.snapshot import Snapshot

Pool = Annotated[str, typer.Argument(metavar="POOL", help="A pool, or MEMBER/POOL.", show_default=False)]


def why_not(
    job: Job,
    pool: Pool,
    *,
    output: Annotated[Document, typer.Option("--output", "-o", help="How to print.")] = Document.TABLE,
    namespace: Namespace = "",
    context: Context = "",
    kubeconfig: Kubeconfig = None,
) -> None:
    """Show what speaks against one pool for a job, or where it ranks.

    It is judged by what the network offers now, and so may differ from what the receipt says. All filters
    are asked, not only the first that refuses. Beside what the job would take there stands what it takes at
    the first choice. How many of the network's attempts a pool has does not count here.
    """
    cluster = connect(namespace, context, kubeconfig)
    found = Jobs(cluster, cluster.namespace).get(job)
    with unswept():
        earlier = find_earlier(found, read_earlier(cluster, [found]))
        snapshot, now = read_snapshot(cluster), datetime.now(UTC)
        user_class = read_user_classes(cluster, [found.metadata.namespace])[found.metadata.namespace]
        standing = judge_pool(found, pool, snapshot, now, earlier=earlier, user_class=user_class)
    if output is Document.TABLE:
        print_lines(headline(found, standing))
        print_sections(sections(found, standing))
    else:
        print_document(document(found, standing), output)


def judge_pool(
    job: ComputeJob,
    code: str,
    snapshot: Snapshot,
    now: datetime,
    *,
    earlier: ComputeJob | None = None,
    user_class: str = "",
) -> Standing:
    """Evaluate a job, and find how one pool stands with it.

    Args:
        job: The job.
        code: The pool, as a person names it.
        snapshot: What the network offers.
        now: When.
        earlier: The job that it says it is similar to.
        user_class: The class of user that its namespace is in.

    Raises:
        CliError: There is no such pool, or several.
    """
    row = find_row(code, snapshot.pools)
    request = Request.of(job, open_count(job), declared_work(job, earlier).work, user_class)
    return Standing(snapshot.answer(request, now).evaluation, row)


def headline(job: ComputeJob, standing: Standing) -> str:
    """Say in one line whether the pool fits, and where it ranks."""
    return f"{job.metadata.namespace}/{job.metadata.name} on {pool_name(standing.pool)}: {_verdict(standing)}"


def _verdict(standing: Standing) -> str:
    if refusals := standing.refusals:
        return "does not fit: " + ", ".join(each.reason.value for each in refusals)
    fitting = len(standing.evaluation.order)
    policy = standing.evaluation.question.request.placement.policy.value
    if not standing.is_compared:
        return "fits, and is not compared with the first choice: spec.work does not say how much work it is"
    if standing.rank == 1:
        return f"is the first choice of {fitting} that fit; policy {policy}"
    return f"fits, number {standing.rank} of {fitting}; policy {policy}"


def sections(job: ComputeJob, standing: Standing) -> Iterator[Section]:
    """Yield the parts of the answer to "why not?"."""
    rows: list[Row] = [(each.reason.value, each.wanted, each.found) for each in standing.refusals]
    yield Section("What speaks against it", ("Reason", "Wanted", "Found"), rows)
    yield _figures(standing)
    yield Section(
        "Attempts there", ("Number", "State", "Reason"), [_attempt(each) for each in _tried(job, standing)]
    )


def _figures(standing: Standing) -> Section:
    """Show what the job would take there, beside what it takes at the first choice."""
    row, rival, figures = standing.row, standing.rival, figures_of(standing.evaluation)
    title = f"What it would take there; {describe_basis(standing)}"
    if rival is None:
        return Section(title, ("", "There"), [(each.name, each.cell(row)) for each in figures])
    other = standing.evaluation.pool(rival)
    word = "Next best" if standing.rank == 1 else "First choice"
    heads = ("", "There", f"{word}: {pool_name(other)}", "More or less than that")
    rows: list[Row] = [
        (each.name, each.cell(row), each.cell(rival), each.margin(row, rival)) for each in figures
    ]
    return Section(title, heads, rows)


def _tried(job: ComputeJob, standing: Standing) -> list[Attempt]:
    return [each for each in job.status.attempts if (each.member, each.pool) == standing.pool.key]


def _attempt(attempt: Attempt) -> Row:
    return str(attempt.ordinal), attempt.state.value, attempt.reason


def document(job: ComputeJob, standing: Standing) -> Any:
    """Build the same for machines."""
    rival = standing.rival
    made = {
        "namespace": job.metadata.namespace,
        "name": job.metadata.name,
        "member": standing.pool.member,
        "pool": standing.pool.pool,
        "policy": standing.evaluation.question.request.placement.policy.value,
        "fits": standing.rank is not None,
        "rank": standing.rank,
        "fitting": len(standing.evaluation.order),
        "isCompared": standing.is_compared,
        "refusals": [msgspec.to_builtins(each) for each in standing.refusals],
        "estimate": write_figures(standing),
    }
    if rival is not None:
        other = Standing(standing.evaluation, rival)
        made["rival"] = {
            "member": other.pool.member,
            "pool": other.pool.pool,
            "estimate": write_figures(other),
        }
    return made
