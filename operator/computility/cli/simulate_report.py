"""What replays came to, as tables for people and as a document for programs."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from computility.cli.figures import UNKNOWN, amount, change, duration, kilograms
from computility.cli.section import Row, Section
from computility.whatif.figures import Figures, Use
from computility.whatif.replay import Replayed
from computility.whatif.trace import Trace

_HEADS = (
    "policy", "cost", "against first", "mean wait", "p50", "p95", "kgCO2 market", "location", "MWh",
    "cards", "cores", "done in", "no place",
)  # fmt: skip


class Run(NamedTuple):
    """A replay under one policy, and what it came to."""

    figures: Figures
    replayed: Replayed


def sections(trace: Trace, runs: Sequence[Run]) -> list[Section]:
    """Write the comparison, and the use of each region."""
    figures = [run.figures for run in runs]
    left_out = f"; {trace.left_out:,} that never ran left out" if trace.left_out else ""
    jobs = "1 job" if len(trace) == 1 else f"{len(trace):,} jobs"
    title = f"{jobs}, submitted over {duration(float(trace.submit[-1]))}{left_out}"
    return [
        Section(title, _HEADS, [_row(each, figures[0]) for each in figures]),
        Section(
            "cards and cores in use, of all there are",
            ("region", *(each.policy.value for each in figures)),
            [
                (region, *(_use(each.use_by_region[region]) for each in figures))
                for region in _regions(figures)
            ],
        ),
        Section("without a place", ("policy", "reason", "jobs"), _reasons(figures)),
    ]


def document(fleet: str, trace: Trace, runs: Sequence[Run]) -> Any:
    """Write the same for programs."""
    asked = {"fleet": fleet, "jobs": len(trace), "leftOut": trace.left_out}
    return asked | {"policies": [msgspec.to_builtins(run.figures) for run in runs]}


def _row(figures: Figures, first: Figures) -> Row:
    wait = figures.wait
    waits = (wait.mean_seconds, wait.p50_seconds, wait.p95_seconds) if wait else ()
    return (
        figures.policy.value,
        f"{amount(figures.cost)} {figures.currency}",
        "" if figures is first else change(figures.cost, first.cost),
        *(map(duration, waits) if wait else (UNKNOWN,) * 3),
        kilograms(figures.kg_co2_market),
        kilograms(figures.kg_co2_location),
        UNKNOWN if figures.kwh is None else f"{figures.kwh / 1000:,.1f}",
        _percent(figures.use.cards),
        _percent(figures.use.cores),
        duration(figures.duration_seconds),
        f"{figures.without_place:,}",
    )


def _regions(figures: Sequence[Figures]) -> list[str]:
    return list(figures[0].use_by_region) if figures else []


def _use(use: Use) -> str:
    return f"{_percent(use.cards)} / {_percent(use.cores)}"


def _percent(share: float | None) -> str:
    return UNKNOWN if share is None else f"{share * 100:.1f} %"


def _reasons(figures: Sequence[Figures]) -> list[Row]:
    return [
        (each.policy.value, reason, f"{count:,}")
        for each in figures
        for reason, count in each.reasons.items()
    ]
