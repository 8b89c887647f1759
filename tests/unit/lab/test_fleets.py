"""The preset fleets: what p2 adds up to, how p3 is drawn, and that the committed manifests are theirs."""

from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from computility.lab.fleets.__main__ import committed_files
from computility.lab.fleets.chips import ACCELERATORS
from computility.lab.fleets.files import fleet_files
from computility.lab.fleets.jobs import CORPUS_TERABYTES, POLICIES, ensemble_job, training_job
from computility.lab.fleets.p2 import p2_fleet
from computility.lab.fleets.p3 import p3_fleet
from computility.lab.fleets.provinces import PROVINCES
from computility.lab.fleets.snapshot import snapshot_of
from computility.model.job_placement import Mode
from computility.model.kinds import KINDS
from computility.model.names import member_namespace
from computility.model.pool_facts import Measure, Precision
from computility.model.resource_pool import ResourcePool

MANIFESTS = Path(__file__).parents[3] / "manifests" / "fleet"
STRUCTS: dict[str, Any] = {struct.KIND.kind: struct for struct in KINDS}

# Region: centres, cards, thousands of cores, CNY a card-hour, queue in hours, Gbps to Shanghai.
PUBLISHED = {
    "CN-HE": (3, 9_000, 120, "5.20", 6, 20),
    "CN-TJ": (2, 6_000, 260, "1.10", 1, 10),
    "CN-SH": (2, 7_000, 90, "14.50", 14, 100),
    "CN-JS": (2, 2_000, 380, "9.50", 4, 40),
    "CN-AH": (3, 12_000, 110, "4.80", 5, 40),
    "CN-SD": (3, 7_000, 240, "2.10", 2, 10),
    "CN-HA": (2, 36_000, 180, "3.60", 1, 40),
    "CN-GD": (3, 12_000, 150, "13.20", 3, 20),
    "CN-SC": (3, 11_000, 120, "4.20", 4, 10),
    "CN-CQ": (2, 7_000, 80, "4.40", 3, 10),
    "CN-NM": (2, 11_000, 90, "3.30", 2, 20),
    "CN-GZ": (2, 12_000, 70, "3.70", 2, 10),
    "CN-GS": (2, 10_000, 60, "1.60", 1, 10),
    "CN-NX": (2, 8_000, 50, "3.90", 3, 10),
}


def cards_of(pool: ResourcePool) -> int:
    return pool.spec.shape.nodes * pool.spec.shape.cards_per_node


def cores_of(pool: ResourcePool) -> int:
    return pool.spec.shape.nodes * pool.spec.shape.cores_per_node


def measures_of(pool: ResourcePool) -> set[str]:
    return {benchmark.measure.value for benchmark in pool.spec.benchmark}


def test_p2_has_33_centres_in_14_provinces_with_150_000_cards_and_2_000_000_cores() -> None:
    fleet = p2_fleet()

    assert len({member.metadata.name for member in fleet.members}) == 33
    assert len({member.spec.location.region for member in fleet.members}) == 14
    assert len(fleet.pools) == 33
    assert sum(map(cards_of, fleet.pools)) == 150_000
    assert sum(map(cores_of, fleet.pools)) == 2_000_000


def test_each_province_of_p2_has_what_the_table_says() -> None:
    rows = defaultdict(list)
    for centre in p2_fleet().centres:
        rows[centre.member.spec.location.region].extend(centre.pools)

    found = {
        region: (
            len(pools),
            sum(map(cards_of, pools)),
            sum(map(cores_of, pools)) / 1000,
            pools[0].spec.tariff.per_card_hour,
            pools[0].spec.queue_wait[0].p50_seconds / 3600,
        )
        for region, pools in rows.items()
    }
    assert found == {region: row[:5] for region, row in PUBLISHED.items()}


def test_each_pool_of_p2_stands_with_its_member_and_says_all_of_itself() -> None:
    for centre in p2_fleet().centres:
        (pool,) = centre.pools
        spec = pool.spec
        assert pool.metadata.namespace == member_namespace(centre.name)
        assert pool.metadata.labels == centre.member.metadata.labels
        assert spec.card_memory
        assert spec.precisions
        assert spec.toolkits
        assert spec.hold_accrues_age
        assert spec.energy is not None
        assert spec.energy.watts_per_card > 0
        assert spec.energy.watts_per_core > 0
        assert spec.access.namespaces == ("team-a", "team-b")
        assert spec.limits.max_run_seconds == 30 * 86_400


def test_nothing_in_p2_is_free() -> None:
    """Where a core has no price of its own, whole nodes are charged, and each has cards with a price."""
    for pool in p2_fleet().pools:
        assert float(pool.spec.tariff.per_card_hour) > 0
        core_price = float(pool.spec.tariff.per_core_hour)
        assert core_price > 0 or pool.spec.allocation_unit.value == "node"


def test_only_h100_compute_in_fp8_and_910b_do_not_compute_in_fp64() -> None:
    fp8 = {p.spec.card_model for p in p2_fleet().pools if Precision.FP8 in p.spec.precisions}
    fp64 = {p.spec.card_model for p in p2_fleet().pools if Precision.FP64 in p.spec.precisions}

    assert fp8 == {"nvidia-h100"}
    assert "ascend-910b" not in fp64
    assert {"hygon-bw1000", "nvidia-a100"} < fp64


def test_thirteen_provinces_can_train_in_bf16_and_wuxi_cannot() -> None:
    able = {
        centre.member.spec.location.region
        for centre in p2_fleet().centres
        if Precision.BF16 in centre.pools[0].spec.precisions
    }

    assert able == PUBLISHED.keys() - {"CN-JS"}


def test_a_pool_has_a_benchmark_of_nothing_that_it_does_not_compute_in() -> None:
    for pool in p2_fleet().pools:
        computed = {precision.value for precision in pool.spec.precisions}
        assert measures_of(pool) - {Measure.CORE.value} <= computed
        assert Measure.CORE.value in measures_of(pool)


def test_the_links_of_p2_lead_from_shanghai_to_each_other_province_and_back() -> None:
    links = p2_fleet().links

    assert {link.spec.from_ for link in links} == {"CN-SH"}
    assert {link.spec.to: link.spec.gbps for link in links} == {
        region: row[5] for region, row in PUBLISHED.items() if region != "CN-SH"
    }
    assert all(link.spec.both_ways and link.spec.usable_share == 0.7 for link in links)
    prices = {link.spec.to: link.spec.cost_per_gb for link in links}
    assert (prices["CN-HA"], prices["CN-GD"], prices["CN-GS"]) == ("0.01", "0.02", "0.03")


def test_round_trips_grow_with_distance() -> None:
    trips = {link.spec.to: link.spec.round_trip_millis or 0 for link in p2_fleet().links}

    assert trips["CN-JS"] < trips["CN-AH"] < trips["CN-HA"] < trips["CN-CQ"] < trips["CN-SC"]
    assert 10 < trips["CN-HA"] < 15, "Zhengzhou is 830 km away: 8 ms in a straight fibre"


def test_p3_has_7_000_pools_in_1_000_members_of_all_provinces_and_chips() -> None:
    fleet = p3_fleet()

    assert len({(pool.metadata.namespace, pool.metadata.name) for pool in fleet.pools}) == 7_000
    assert len({member.metadata.name for member in fleet.members}) == 1_000
    regions = Counter(member.spec.location.region for member in fleet.members)
    assert regions.keys() == PUBLISHED.keys()
    chips = Counter(pool.spec.card_model for pool in fleet.pools)
    assert chips.keys() == {chip.card_model for chip in ACCELERATORS}


def test_p3_is_the_same_for_a_seed_and_another_for_another() -> None:
    assert p3_fleet(70) == p3_fleet(70)
    assert p3_fleet(70, seed=2) != p3_fleet(70)


def test_a_smaller_p3_is_the_beginning_of_a_larger_one() -> None:
    assert p3_fleet(700).centres[:10] == p3_fleet(70).centres


@pytest.mark.parametrize(("pools", "sizes"), [(1, [1]), (7, [7]), (10, [7, 3])])
def test_p3_has_as_many_pools_as_were_asked_for(pools: int, sizes: list[int]) -> None:
    assert [len(centre.pools) for centre in p3_fleet(pools).centres] == sizes


def test_p3_has_a_way_from_each_province_to_each_other() -> None:
    ways = {(link.spec.from_, link.spec.to) for link in p3_fleet(7).links}

    regions = [province.region for province in PROVINCES]
    assert ways == {(start, end) for start in regions for end in regions if start != end}


def test_a_snapshot_of_a_fleet_has_all_its_pools_idle_in_their_regions() -> None:
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)

    pools = snapshot_of(p2_fleet(), noon).pools

    assert Counter(pool.region for pool in pools) == {region: row[0] for region, row in PUBLISHED.items()}
    assert sum(pool.status.total.cards for pool in pools) == 150_000
    assert {pool.status.used_by_others.cards for pool in pools} == {0}
    assert {pool.status.observed_at for pool in pools} == {noon}


def test_each_training_asks_for_the_same_but_its_policy_and_corpus() -> None:
    jobs = [training_job(size, policy) for size in CORPUS_TERABYTES for policy in POLICIES]

    assert len({job.metadata.name for job in jobs}) == 16
    assert {job.spec.data.inputs[0].size for job in jobs} == {"3T", "30T", "100T", "300T"}
    assert {(job.spec.resources, job.spec.work, job.spec.max_run_seconds) for job in jobs} == {
        (jobs[0].spec.resources, jobs[0].spec.work, 8 * 86_400)
    }
    assert {job.spec.placement.mode for job in (*jobs, ensemble_job())} == {Mode.QUOTE}


def test_the_committed_manifests_are_what_the_project_writes() -> None:
    assert committed_files().stale(MANIFESTS) == [], "write them with `python -m computility.lab.fleets`"


@pytest.mark.parametrize("damage", ["edited", "missing", "stray"])
def test_a_manifest_that_is_not_as_it_should_be_is_named(tmp_path: Path, damage: str) -> None:
    files = committed_files()
    files.write(tmp_path)
    name = {"edited": "p2/2-pools.yaml", "missing": "jobs/ensemble.yaml", "stray": "p2/4-more.yaml"}[damage]
    if damage == "missing":
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_text("kind: Other\n")

    assert files.stale(tmp_path) == [name]


def test_manifests_say_what_the_model_does_within_its_bounds() -> None:
    texts = {**committed_files().texts, **fleet_files("p3", p3_fleet(70))}
    read = [document for text in texts.values() for document in yaml.safe_load_all(text)]

    objects = [msgspec.convert(document, STRUCTS[document["kind"]]) for document in read]
    fleet, drawn = p2_fleet(), p3_fleet(70)
    for made in (*fleet.members, *fleet.pools, *fleet.links, *drawn.members, *drawn.pools, *drawn.links):
        assert made in objects
