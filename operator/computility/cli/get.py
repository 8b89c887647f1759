"""`computility get`: list jobs, or show one."""

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
import typer

from computility.cli.cluster import JSON, TABLE
from computility.cli.connect import connect
from computility.cli.jobs import Jobs
from computility.cli.options import Context, Kubeconfig, Namespace, Output
from computility.cli.printing import print_document, print_table

Name = Annotated[str, typer.Argument(help="Name of a job; all of them by default.", show_default=False)]


def get(
    name: Name = "",
    *,
    all_namespaces: Annotated[
        bool, typer.Option("--all-namespaces", "-A", help="In all namespaces, not in one.")
    ] = False,
    output: Annotated[Output, typer.Option("--output", "-o", help="How to print.")] = Output.TABLE,
    namespace: Namespace = "",
    context: Context = "",
    kubeconfig: Kubeconfig = None,
) -> None:
    """List jobs, or show one.

    The table's columns are those that `kubectl get` prints: the API server makes it.
    """
    if name and all_namespaces:
        raise typer.BadParameter(f'"{name}" names a job of one namespace: leave out --all-namespaces')
    cluster = connect(namespace, context, kubeconfig)
    jobs = Jobs(cluster, "" if all_namespaces else cluster.namespace)
    if output in (Output.TABLE, Output.WIDE):
        _print_tables(_read(jobs, name, TABLE), jobs.namespace, is_wide=output is Output.WIDE)
    else:
        print_document(_document(_read(jobs, name, JSON), is_list=not name), output)


def _read(jobs: Jobs, name: str, accept: str) -> Iterable[Any]:
    if name:
        return [msgspec.json.decode(jobs.get_raw(name, accept))]
    return jobs.list_pages(accept)


def _print_tables(tables: Iterable[Any], namespace: str, *, is_wide: bool) -> None:
    pages = list(tables)
    columns = pages[0]["columnDefinitions"]
    shown = [number for number, column in enumerate(columns) if is_wide or column["priority"] == 0]
    rows = [_cells(row, shown, with_namespace=not namespace) for page in pages for row in page["rows"]]
    if not rows:
        print(f'no jobs in namespace "{namespace}"' if namespace else "no jobs")
        return
    heads = [columns[number]["name"] for number in shown]
    print_table(heads if namespace else ["Namespace", *heads], rows)


def _cells(row: Any, shown: list[int], *, with_namespace: bool) -> list[str]:
    cells = ["" if row["cells"][number] is None else str(row["cells"][number]) for number in shown]
    return [row["object"]["metadata"]["namespace"], *cells] if with_namespace else cells


def _document(pages: Iterable[Any], *, is_list: bool) -> Any:
    if not is_list:
        return _tidy(next(iter(pages)))
    items = [_tidy(item) for page in pages for item in page["items"]]
    return {"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": items}


def _tidy(job: Any) -> Any:
    """Leave out which tool wrote which field, as kubectl does."""
    job["metadata"].pop("managedFields", None)
    return job
