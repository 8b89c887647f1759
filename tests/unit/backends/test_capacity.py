"""What sinfo says, summed up."""

from datetime import UTC, datetime

import pytest

from computility.backends.slurm.capacity import (
    Footprint,
    build_report,
    count_cards,
    parse_footprint,
    parse_nodes,
)
from computility.backends.slurm.controller import parse_config
from computility.backends.slurm.parse import Row
from computility.backends.slurm.states import MEANINGS
from computility.lifecycle.evidence import WorkloadState
from computility.model.resource_pool import Capacity

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
# As 22.05.8 wrote it.
NODES = """\
c0|cpu*|mixed|2/6/0/8|(null)|gpu:0|
c1|cpu*|drained|0/0/8/8|(null)|gpu:0|
g0|gpu|draining|3/0/5/8|gpu:a100:4(S:0-1)|gpu:a100:3(IDX:0-2)|
g1|gpu|idle~|0/8/0/8|gpu:a100:4|gpu:a100:0(IDX:N/A)|
"""


def test_a_partition_is_summed_up() -> None:
    report = build_report(
        "gpu", parse_nodes(NODES), [Footprint("gpu", 1, 1, 1), Footprint("cpu", 1, 2, 0)], NOON
    )

    assert report.complete
    assert report.total == Capacity(nodes=2, cores=16, cards=8)
    assert report.used_by_others == Capacity(nodes=0, cores=2, cards=2)
    assert report.unavailable == Capacity(nodes=1, cores=5, cards=1)


def test_others_never_use_less_than_nothing() -> None:
    report = build_report("cpu", parse_nodes(NODES), [Footprint("cpu", 9, 9, 9)], NOON)

    assert report.used_by_others == Capacity()


def test_a_partition_without_nodes_is_incomplete() -> None:
    report = build_report("nope", parse_nodes(NODES), [], NOON)

    assert not report.complete
    assert "nope" in report.problem


@pytest.mark.parametrize(
    ("gres", "cards"),
    [
        ("(null)", 0),
        ("gpu:0", 0),
        ("gpu:4", 4),
        ("gpu:a100:4", 4),
        ("gpu:a100:4(S:0-1),gpu:h800:2(S:1)", 6),
        ("gpu:a100:2(IDX:0-1),shard:8", 2),
        ("shard:gpu:8", 0),
        ("N/A", 0),
    ],
)
def test_cards_are_counted(gres: str, cards: int) -> None:
    assert count_cards(gres) == cards


def test_a_line_of_another_shape_is_named() -> None:
    with pytest.raises(ValueError, match="sinfo wrote"):
        parse_nodes("c0|cpu|idle\n")


@pytest.mark.parametrize("gres", ["gres:gpu:2", "gres/gpu:2", "gres:gpu:a100:2"])
def test_a_running_workload_holds_cards_on_each_of_its_nodes(gres: str) -> None:
    assert parse_footprint(a_row("RUNNING", gres)) == Footprint("gpu", 2, 6, 4)


@pytest.mark.parametrize(
    "word", [word for word, meaning in MEANINGS.items() if meaning.state is WorkloadState.ACTIVE]
)
def test_a_workload_holds_what_it_has_in_every_active_state(word: str) -> None:
    assert parse_footprint(a_row(word, "N/A")) == Footprint("gpu", 2, 6, 0)


def test_a_held_workload_holds_nothing() -> None:
    assert parse_footprint(a_row("PENDING", "N/A")) is None


def a_row(state: str, gres: str) -> Row:
    return Row(
        native_id="7",
        state=state,
        reason="",
        submitted_at="",
        partition="gpu",
        nodes="2",
        cpus="6",
        gres=gres,
    )


def test_the_controllers_settings_are_read() -> None:
    info = parse_config(
        "BOOT_TIME               = 1795499268\nClusterName = bone\nSLURM_VERSION = 22.05.8\nX = 1\n"
    )

    assert (info.version, info.cluster) == ("slurm 22.05.8", "bone")
    assert info.booted_at == datetime.fromtimestamp(1795499268, UTC)
