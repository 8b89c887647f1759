"""The trace that is drawn by chance: that it is the committed one, and around which figures."""

from pathlib import Path
from statistics import median, quantiles

import pytest

from computility.lab.traces.__main__ import HOURS, JOBS, SEED
from computility.lab.traces.draw import HEADS, draw_trace
from computility.lab.traces.populations import CORES_PER_NODE, POPULATIONS
from computility.whatif.columns import parse_csv
from computility.whatif.shapes import Shaping

FILE = Path(__file__).parents[3] / "manifests" / "traces" / "day.csv"


def test_the_committed_trace_is_the_one_that_is_drawn() -> None:
    text = FILE.read_text(encoding="utf-8")

    assert text == "".join(f"{line}\n" for line in draw_trace(JOBS, HOURS, SEED))
    assert len(text) < 200_000


def test_another_seed_draws_another_trace() -> None:
    assert list(draw_trace(10, 1, seed=1)) != list(draw_trace(10, 1, seed=2))


def test_it_is_a_trace_of_all_its_jobs() -> None:
    with FILE.open(encoding="utf-8") as lines:
        trace = parse_csv(lines, "team-a", Shaping())

    assert len(trace) == JOBS
    assert {kind.namespace for kind in trace.kinds} == {each.namespace for each in POPULATIONS}
    assert trace.submit[-1] == pytest.approx(HOURS * 3600, rel=0.1)


@pytest.mark.parametrize("population", POPULATIONS, ids=["helios", "philly", "theta", "blue-waters"])
def test_medians_and_99th_percentiles_are_those_of_the_fitted_traces(
    population: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("computility.lab.traces.draw.POPULATIONS", (population,))
    _, *lines = draw_trace(20_000, 24, seed=3)
    jobs = [dict(zip(HEADS, line.split(","), strict=True)) for line in lines]
    (fitted,) = [each for each in POPULATIONS if each is population]

    runs = [int(job["run_seconds"]) for job in jobs]
    assert median(runs) == pytest.approx(fitted.run_seconds.median, rel=0.15)
    most = min(fitted.run_seconds.p99, fitted.run_seconds.most)
    assert quantiles(runs, n=100)[98] == pytest.approx(most, rel=0.25)
    units = [int(job["cards"]) or int(job["cores"]) / CORES_PER_NODE for job in jobs]
    assert median(units) == fitted.units.median
    assert all(int(job["requested_seconds"]) >= int(job["run_seconds"]) for job in jobs)
