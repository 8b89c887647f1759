"""Pools that would take a job as a table, with a last line about the others."""

from computility.cli.figures import UNKNOWN, amount, duration
from computility.cli.found_pools import Found, PoolLine
from computility.cli.pool_name import pool_name
from computility.cli.section import Row
from computility.model.reasons import Reason
from computility.placement.rejections import render_rejections

_HEADS: Row = (
    "Reference-hour",
    "Wait-p50",
    "Green",
    "Free",
    "Region",
    "Arch",
    "Cards",
    "Memory",
    "Precisions",
)
_WIDE: Row = (
    "Toolkits",
    "Modules",
    "MPI",
    "Scratch",
    "Benchmark",
    "Grid-kg/kWh",
    "PUE",
    "Max-run",
    "Round-trip",
    "Seen-at",
)


def heads(found: Found, *, is_wide: bool) -> Row:
    """Name the columns."""
    unit = "Card-hour" if found.request.cards else "Core-hour"
    return ("Pool", "An-hour", unit, *_HEADS, *(_WIDE if is_wide else ()))


def cells(line: PoolLine, *, is_wide: bool) -> Row:
    """Write a pool's line."""
    shown = (
        pool_name(line),
        amount(line.per_hour),
        amount(line.per_unit_hour),
        UNKNOWN if line.per_reference_hour is None else amount(line.per_reference_hour),
        UNKNOWN if line.wait_p50_seconds is None else duration(line.wait_p50_seconds),
        UNKNOWN if line.green_share is None else f"{line.green_share:.0%}",
        f"{line.free}/{line.total}",
        line.region or UNKNOWN,
        line.architecture,
        line.card_model or UNKNOWN,
        line.card_memory or UNKNOWN,
        ",".join(line.precisions) or UNKNOWN,
    )
    return (*shown, *_wide_cells(line)) if is_wide else shown


def _wide_cells(line: PoolLine) -> Row:
    return (
        ",".join(line.toolkits) or UNKNOWN,
        ",".join(line.modules) or UNKNOWN,
        ",".join(line.mpi) or UNKNOWN,
        line.max_scratch or UNKNOWN,
        line.benchmark_source or UNKNOWN,
        UNKNOWN if line.grid_kg_per_kwh is None else f"{line.grid_kg_per_kwh:g}",
        UNKNOWN if line.pue is None else f"{line.pue:g}",
        duration(line.max_run_seconds),
        UNKNOWN if line.round_trip_millis is None else f"{line.round_trip_millis:g} ms",
        f"{line.observed_at:%FT%TZ}" if line.observed_at else UNKNOWN,
    )


def last_line(found: Found) -> str:
    """Say how many pools would take it, how many are not shown, and why the others would not."""
    evaluation = found.evaluation
    fitting, considered = len(evaluation.order), len(evaluation.question.table)
    if not considered:
        return "no member offers a pool yet"
    said = f"{fitting} of {considered} pools would take it"
    if found.limit and fitting > found.limit:
        said += f", {fitting - found.limit} of them not shown (--limit 0 shows all)"
    if fitting == considered:
        return said
    is_nobodys = not fitting and [each.reason for each in found.rejected] == [Reason.ACCESS.value]
    hint = "; --namespace says whose job it would be" if is_nobodys else ""
    return f"{said}; turned down: {render_rejections(found.rejected)}{hint}"
