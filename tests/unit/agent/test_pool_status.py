"""What a pool's status says, and when it is worth a write."""

from datetime import timedelta

import msgspec

from computility.agent.accounts import AccountsTable, PoolRow, TenantRow
from computility.agent.pool_status import build_pool_status, is_worth_writing
from computility.agent.pools import build_pool
from computility.backends.protocol import PoolReport
from computility.lifecycle.conditions import READY
from computility.model.meta import ObjectMeta, find_condition, is_true
from computility.model.reasons import Reason
from computility.model.resource_pool import Access, BackendInfo, Capacity, ResourcePool
from support.agent_rig import a_config
from support.builders import NOON, seconds

REFRESH = timedelta(minutes=5)
INFO = BackendInfo(version="slurm 22.05.8", cluster="lab")
POOL_SETTINGS = a_config("alpha").pools[0]


def a_report(**changes: object) -> PoolReport:
    report = PoolReport(
        partition="batch",
        complete=True,
        observed_at=NOON,
        total=Capacity(nodes=4, cores=32),
        used_by_others=Capacity(nodes=1, cores=8),
        unavailable=Capacity(),
    )
    return msgspec.structs.replace(report, **changes)


def a_table(*tenants: str) -> AccountsTable:
    row = PoolRow(
        partition="batch",
        modules={"gcc": ("gcc/12",), "cann": ("cann/8",)},
        mpi={"openmpi": "pmix", "mpich": "pmi2"},
    )
    return AccountsTable(pools={"cpu": row}, tenants={name: TenantRow(account="alice") for name in tenants})


def an_object() -> ResourcePool:
    pool = build_pool(POOL_SETTINGS, "member-alpha", a_table("team-a"))
    assert pool is not None
    meta = msgspec.structs.replace(pool.metadata, generation=3)
    return msgspec.structs.replace(pool, metadata=meta)


def reported(pool: ResourcePool, report: PoolReport, now: object = NOON) -> ResourcePool:
    return msgspec.structs.replace(pool, status=build_pool_status(pool, report, INFO, now))


def test_the_figures_are_reported_with_the_generation_that_was_looked_at() -> None:
    status = reported(an_object(), a_report()).status

    assert (status.total.cores, status.used_by_others.cores, status.complete) == (32, 8, True)
    assert status.observed_generation == 3
    assert status.backend == INFO
    assert is_true(status.conditions, READY)


def test_a_scheduler_that_is_silent_leaves_the_last_figures_standing_and_says_so() -> None:
    pool = reported(an_object(), a_report())

    silent = a_report(total=Capacity(), complete=False, observed_at=NOON + seconds(10), problem="no answer")
    status = reported(pool, silent, NOON + seconds(10)).status

    assert (status.total, status.observed_at) == (pool.status.total, NOON)
    assert not status.complete
    ready = find_condition(status.conditions, READY)
    assert ready is not None
    assert (ready.status.value, ready.reason, ready.message) == (
        "False",
        Reason.CAPACITY_UNKNOWN.value,
        "no answer",
    )


def test_an_incomplete_report_says_what_is_missing_beside_its_figures() -> None:
    status = reported(an_object(), a_report(complete=False, problem="2 attempts could not be read")).status

    ready = find_condition(status.conditions, READY)
    assert ready is not None
    assert ready.message == 'partition "batch" was read, but 2 attempts could not be read'
    assert (status.total.cores, status.complete) == (32, False)


def test_the_same_figures_are_not_written_again_until_they_grow_old() -> None:
    old = reported(an_object(), a_report()).status

    def later(after: timedelta) -> bool:
        pool = msgspec.structs.replace(an_object(), status=old)
        at = NOON + after
        return is_worth_writing(old, reported(pool, a_report(observed_at=at), at).status, REFRESH)

    assert not later(REFRESH - seconds(1))
    assert later(REFRESH)


def test_another_figure_is_written_at_once() -> None:
    pool = reported(an_object(), a_report())
    busier = reported(pool, a_report(used_by_others=Capacity(nodes=2, cores=16)), NOON + seconds(10))

    assert is_worth_writing(pool.status, busier.status, REFRESH)


def test_a_pool_is_open_to_the_tenants_that_have_an_account() -> None:
    pool = build_pool(POOL_SETTINGS, "member-alpha", a_table("team-a", "team-b"))

    assert pool is not None
    assert pool.spec.access.namespaces == ("team-a", "team-b")
    assert pool.metadata == ObjectMeta(name="cpu", namespace="member-alpha")


def test_a_configuration_may_open_a_pool_to_fewer_tenants_and_never_to_more() -> None:
    assert POOL_SETTINGS.spec is not None
    spec = msgspec.structs.replace(POOL_SETTINGS.spec, access=Access(namespaces=("team-b", "team-z")))
    settings = msgspec.structs.replace(POOL_SETTINGS, spec=spec)
    pool = build_pool(settings, "member-alpha", a_table("team-a", "team-b"))

    assert pool is not None
    assert pool.spec.access.namespaces == ("team-b",)


def test_a_pool_publishes_the_modules_and_mpis_of_the_table_and_none_of_their_real_names() -> None:
    pool = build_pool(POOL_SETTINGS, "member-alpha", a_table("team-a"))

    assert pool is not None
    assert pool.spec.modules == ("cann", "gcc")
    assert pool.spec.mpi == ("openmpi", "mpich")


def test_a_configuration_may_publish_fewer_modules_and_never_more() -> None:
    spec = msgspec.structs.replace(POOL_SETTINGS.spec, modules=("gcc", "greeter"), mpi=("mpich",))
    pool = build_pool(msgspec.structs.replace(POOL_SETTINGS, spec=spec), "member-alpha", a_table("team-a"))

    assert pool is not None
    assert (pool.spec.modules, pool.spec.mpi) == (("gcc",), ("mpich",))


def test_a_pool_without_spec_is_somebody_elses_to_apply() -> None:
    assert build_pool(msgspec.structs.replace(POOL_SETTINGS, spec=None), "member-alpha", a_table()) is None
