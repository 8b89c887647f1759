"""How one pool stands with a job."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from computility.cli.errors import CliError
from computility.cli.offers import read_preset
from computility.cli.section import Section
from computility.cli.standing import find_row, open_count
from computility.cli.why_not import document, headline, judge_pool, sections
from computility.model.compute_job import (
    ArraySpec,
    AttemptState,
    ComputeJob,
    ComputeJobStatus,
    PlacementSpec,
    Policy,
    Requirements,
    Resources,
)
from computility.model.pool_facts import Precision
from computility.model.resource_pool import Capacity, ResourcePoolStatus
from computility.placement.snapshot import PoolFacts, Snapshot
from support.builders import NOON, a_job, a_pool, an_attempt
from support.fleet_jobs import a_manifest
from support.samples import decode

CHEAP, FAIR, DEAR = (a_pool(name, core_hour=price) for name, price in (("a", "1"), ("b", "2"), ("c", "3")))


def told(job: ComputeJob, code: str, *pools: PoolFacts) -> str:
    """Return what is said of a pool behind its name."""
    standing = judge_pool(job, code, Snapshot(pools=pools), NOON)
    return headline(job, standing).partition(": ")[2]


def parts(job: ComputeJob, code: str, *pools: PoolFacts) -> dict[str, Section]:
    found = sections(job, judge_pool(job, code, Snapshot(pools=pools), NOON))
    return {each.title.partition(";")[0]: each for each in found}


def test_all_that_speaks_against_a_pool_is_told_and_not_only_the_first() -> None:
    pool = a_pool("small", nodes=1, cores=2, namespaces=("team-b",))
    job = a_job(resources=Resources(nodes=2, cpus_per_task=4))

    assert told(job, "small/cpu", pool, CHEAP) == (
        "does not fit: NamespaceNotMapped, TooFewNodes, TooFewCoresPerNode"
    )
    assert parts(job, "cpu", pool)["What speaks against it"].rows == [
        ("NamespaceNotMapped", "team-a", ""),
        ("TooFewNodes", "2", "1"),
        ("TooFewCoresPerNode", "4", "2"),
    ]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        pytest.param("a/cpu", "is the first choice of 3 that fit; policy cheapest", id="the-first"),
        pytest.param("c/cpu", "fits, number 3 of 3; policy cheapest", id="the-last"),
    ],
)
def test_a_pool_that_fits_is_told_its_rank(code: str, words: str) -> None:
    assert told(a_job(), code, DEAR, CHEAP, FAIR) == words


def test_the_margin_to_the_first_choice_is_told() -> None:
    job = a_job(max_run_seconds=3600)

    table = parts(job, "b/cpu", CHEAP, FAIR)["What it would take there"]

    assert table.heads[2] == "First choice: a/cpu"
    assert table.rows[0] == ("Cost", "2.00", "1.00", "+1.00 (+100.0 %)")


def test_the_first_choice_is_compared_with_the_next() -> None:
    table = parts(a_job(max_run_seconds=3600), "a/cpu", CHEAP, FAIR)["What it would take there"]

    assert table.heads[2] == "Next best: b/cpu"
    assert table.rows[0] == ("Cost", "1.00", "2.00", "-1.00 (-50.0 %)")


def test_alone_a_pool_is_compared_with_nothing() -> None:
    table = parts(a_job(max_run_seconds=3600), "cpu", CHEAP)["What it would take there"]

    assert table.heads == ("", "There")
    assert all(len(row) == 2 for row in table.rows)


def test_without_declared_work_other_card_models_are_not_compared() -> None:
    first, other = (
        a_pool(name, cards=8, card_model=name, card_hour=price) for name, price in (("a", "1"), ("b", "2"))
    )

    assert "is not compared with the first choice: spec.work" in told(
        a_job(resources=Resources(cards=8)), "b/cpu", first, other
    )


def test_what_the_job_would_take_is_shown_also_where_it_does_not_fit() -> None:
    job: ComputeJob = decode(a_manifest(requirements={"precisions": ["bf16"], "cardModels": ["nvidia-a100"]}))
    standing = judge_pool(job, "zhengzhou-bronze/bw1000", read_preset("p2"), datetime.now(UTC))

    found = document(job, standing)

    assert not found["fits"]
    assert found["refusals"][0]["reason"] == "CardModelUnavailable"
    assert found["estimate"]["cost"] == pytest.approx(4036.956522)
    assert found["rival"]["member"].startswith("zhongwei-")


def test_figures_that_nobody_knows_are_left_out() -> None:
    job: ComputeJob = decode(a_manifest())
    standing = judge_pool(job, "wuxi-clay/sw26010", read_preset("p2"), datetime.now(UTC))

    assert set(document(job, standing)["estimate"]) == {"waitSeconds", "transferSeconds"}
    (table,) = (each for each in sections(job, standing) if each.title.startswith("What it would take"))
    assert "no benchmark for bf16" in table.title
    assert table.rows[0][:2] == ("Cost", "-")


def test_machines_get_rank_refusals_and_estimates() -> None:
    standing = judge_pool(a_job(), "b/cpu", Snapshot(pools=(CHEAP, FAIR, DEAR)), NOON)

    found = document(a_job(), standing)

    assert msgspec.json.decode(msgspec.json.encode(found)) == found
    assert (found["member"], found["pool"], found["fits"], found["rank"], found["fitting"]) == (
        "b", "cpu", True, 2, 3,
    )  # fmt: skip
    assert found["refusals"] == []
    assert found["rival"]["member"] == "a"


def test_the_rank_is_by_the_jobs_own_policy() -> None:
    busy = ResourcePoolStatus(
        observed_at=NOON, total=Capacity(nodes=4, cores=32), used_by_others=Capacity(cores=32)
    )
    slow, quick = a_pool("slow", core_hour="1", status=busy), a_pool("quick", core_hour="9")
    by_time = a_job(placement=PlacementSpec(policy=Policy.FASTEST))

    assert told(by_time, "quick/cpu", slow, quick) == "is the first choice of 2 that fit; policy fastest"
    assert told(a_job(), "quick/cpu", slow, quick) == "fits, number 2 of 2; policy cheapest"


def test_attempts_at_the_pool_are_shown() -> None:
    attempts = (an_attempt(1, AttemptState.LOST, member="b", reason="NodeFailed"), an_attempt(2, member="a"))
    job = a_job(attempts=attempts)

    assert parts(job, "b/cpu", CHEAP, FAIR)["Attempts there"].rows == [("1", "Lost", "NodeFailed")]


@pytest.mark.parametrize(
    ("code", "row"), [pytest.param("b/cpu", 1, id="by-both-names"), pytest.param("gpu", 2, id="by-its-own")]
)
def test_a_pool_is_found_by_its_name(code: str, row: int) -> None:
    assert find_row(code, (CHEAP, FAIR, a_pool("c", "gpu"))) == row


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        pytest.param(
            "cpu", '2 members offer a pool "cpu": say which, as MEMBER/POOL: a/cpu, b/cpu', id="of-two"
        ),
        pytest.param("gpu", "`computility pools find` and `kubectl get rpool -A` list them", id="of-nobody"),
        pytest.param("b", 'no member offers a pool "b"', id="a-member"),
    ],
)
def test_a_name_that_means_no_one_pool_is_refused_with_the_remedy(code: str, remedy: str) -> None:
    with pytest.raises(CliError) as refused:
        find_row(code, (CHEAP, FAIR))

    assert remedy in str(refused.value)


@pytest.mark.parametrize(
    ("status", "count"),
    [
        pytest.param({}, 10, id="nothing-yet"),
        pytest.param({"succeeded_indices": "0-6", "failed_indices": "9"}, 2, id="some"),
        pytest.param({"succeeded_indices": "0-9"}, 10, id="all-over"),
    ],
)
def test_of_an_array_what_has_not_ended_wants_a_place(status: dict[str, Any], count: int) -> None:
    job = msgspec.structs.replace(a_job(array=ArraySpec(size=10)), status=ComputeJobStatus(**status))

    assert open_count(job) == count


def test_a_precision_is_wanted_and_found() -> None:
    job = a_job(
        resources=Resources(cards=8),
        requirements=Requirements(precisions=(Precision.FP64,)),
    )

    assert ("PrecisionUnsupported", "fp64", "none declared") in parts(job, "cpu", a_pool(cards=8))[
        "What speaks against it"
    ].rows
