"""The centre's own table: which pool is which partition, and as which account a tenant's work runs."""

import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from computility.agent.settings import Setting, SettingsError, read_settings
from computility.lifecycle.entry import Refusal
from computility.model.assignment import Assignment, Fault, JobWork
from computility.model.base import DnsLabel, ModuleAlias, ObjectName, Value, Word
from computility.model.compute_job import Launcher
from computility.model.names import assignment_name
from computility.model.reasons import Reason

NativeModule = Annotated[
    str, Meta(max_length=128, pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.+-]*(/[A-Za-z0-9_][A-Za-z0-9_.+-]*)*\Z")
]


class PoolRow(Setting, frozen=True, kw_only=True):
    """What stands behind a pool.

    `modules` says what is loaded for each alias, in this order: a module and those that it needs before it.
    `mpi` says for each MPI what srun takes as `--mpi`; the first one is taken where a job does not say which.
    """

    partition: str
    modules: dict[ModuleAlias, Annotated[tuple[NativeModule, ...], Meta(min_length=1, max_length=16)]] = {}  # noqa: RUF012 - msgspec copies an empty literal
    mpi: dict[Word, Word] = {}  # noqa: RUF012

    def start_of(self, mpi: str | None) -> str | None:
        """Return what srun takes as `--mpi` for this MPI, or for the first; None if it is not there."""
        return next((start for name, start in self.mpi.items() if mpi in (None, name)), None)


class TenantRow(Setting, frozen=True, kw_only=True):
    """As whom a tenant namespace's work runs: the local account, and Slurm's own account and QoS, if any."""

    account: str
    scheduler_account: str = ""
    qos: str = ""


class AccountsTable(Setting, frozen=True, kw_only=True):
    """table.yaml: the centre's word on who may run what where. `root` is the helper's, not ours."""

    pools: dict[ObjectName, PoolRow]
    tenants: dict[DnsLabel, TenantRow]
    root: str = ""

    @property
    def accounts(self) -> frozenset[str]:
        """Every local account that the table names."""
        return frozenset(row.account for row in self.tenants.values())

    @property
    def namespaces(self) -> tuple[str, ...]:
        """Every tenant namespace that has an account."""
        return tuple(sorted(self.tenants))

    def mpi(self, pool: str) -> tuple[str, ...]:
        """Return the MPIs that a pool can start, the first choice first."""
        return tuple(self.pools[pool].mpi) if pool in self.pools else ()

    def modules(self, pool: str) -> tuple[str, ...]:
        """Return the aliases of the modules that jobs of a pool may load."""
        return tuple(sorted(self.pools[pool].modules)) if pool in self.pools else ()


class LocalTerms(Value, frozen=True, kw_only=True):
    """How this centre runs one assignment."""

    account: str
    partition: str
    scheduler_account: str = ""
    qos: str = ""
    modules: tuple[NativeModule, ...] = ()
    mpi: str = ""


def read_table(path: Path, owner: int = 0) -> AccountsTable:
    """Read the table.

    Args:
        path: Where it is.
        owner: The uid that must own it and its folder, and be the only one who may write them.

    Raises:
        SettingsError: It cannot be read, does not fit, or somebody else could have written it.
    """
    for place in (path, path.parent):
        _check_owner(place, owner)
    return read_settings(path, AccountsTable)


def _check_owner(path: Path, owner: int) -> None:
    try:
        found = path.stat()
    except OSError as error:
        raise SettingsError(f'cannot read the accounts table "{path}": {error.strerror}') from error
    if found.st_uid != owner or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise SettingsError(
            f'cannot trust "{path}": it must belong to uid {owner} and be writable by nobody else '
            f"(it belongs to uid {found.st_uid}, mode {stat.S_IMODE(found.st_mode):04o})"
        )


def resolve(table: AccountsTable, assignment: Assignment, member_uid: str) -> LocalTerms | Refusal:
    """Say how this centre runs an assignment, or why it will not."""
    spec = assignment.spec
    if spec.member_uid != member_uid:
        return Refusal(
            reason=Reason.MEMBER_MISMATCH,
            fault=Fault.INFRA,
            message=f"it was made for the member with uid {spec.member_uid}, and this is {member_uid}",
        )
    if spec.job is None:
        return Refusal(
            reason=Reason.UNSUPPORTED, fault=Fault.SITE, message="this agent moves no data: it has no job"
        )
    if assignment.metadata.name != assignment_name(spec.job.uid, spec.ordinal):
        return Refusal(
            reason=Reason.INVALID,
            fault=Fault.INFRA,
            message=f'its name is not that of attempt {spec.ordinal} at job "{spec.job.uid}"',
        )
    return resolve_work(table, spec.job)


def resolve_work(table: AccountsTable, work: JobWork) -> LocalTerms | Refusal:
    """Look pool and tenant up."""
    pool, tenant = table.pools.get(work.pool), table.tenants.get(work.namespace)
    if pool is None:
        return Refusal(
            reason=Reason.POOL_UNKNOWN,
            fault=Fault.SITE,
            message=f'the centre\'s table has no pool "{work.pool}"',
        )
    if tenant is None:
        return Refusal(
            reason=Reason.TENANT_UNMAPPED,
            fault=Fault.SITE,
            message=f'the centre\'s table has no account for namespace "{work.namespace}"',
        )
    return _find_missing(pool, work) or LocalTerms(
        account=tenant.account,
        partition=pool.partition,
        scheduler_account=tenant.scheduler_account,
        qos=tenant.qos,
        modules=_resolve_modules(pool, work.modules),
        mpi=(pool.start_of(work.mpi) or "") if work.launcher is Launcher.MPI else "",
    )


def _find_missing(pool: PoolRow, work: JobWork) -> Refusal | None:
    """Say which software of the job's the pool has not got, or not any more."""
    unknown = sorted(set(work.modules).difference(pool.modules))
    if unknown:
        return Refusal(
            reason=Reason.MODULE_UNKNOWN,
            fault=Fault.SITE,
            message=f'the centre\'s table has no module "{unknown[0]}" for pool "{work.pool}"',
        )
    if work.launcher is Launcher.MPI and pool.start_of(work.mpi) is None:
        return Refusal(
            reason=Reason.MPI_UNKNOWN,
            fault=Fault.SITE,
            message=f'the centre\'s table does not have MPI "{work.mpi or "any"}" for pool "{work.pool}"',
        )
    return None


def _resolve_modules(pool: PoolRow, aliases: Sequence[str]) -> tuple[str, ...]:
    """Return the centre's names for modules, each once, in the order in which they are loaded."""
    return tuple(dict.fromkeys(name for alias in aliases for name in pool.modules[alias]))
