"""The centre's own table: which pool is which partition, and as which account a tenant's work runs."""

import stat
from pathlib import Path

from computility.agent.settings import Setting, SettingsError, read_settings
from computility.lifecycle.entry import Refusal
from computility.model.assignment import Assignment, Fault, JobWork
from computility.model.base import DnsLabel, ObjectName, Value
from computility.model.names import assignment_name
from computility.model.reasons import Reason


class PoolRow(Setting, frozen=True, kw_only=True):
    """What stands behind a pool."""

    partition: str


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


class LocalTerms(Value, frozen=True, kw_only=True):
    """How this centre runs one assignment."""

    account: str
    partition: str
    scheduler_account: str = ""
    qos: str = ""


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
    return LocalTerms(
        account=tenant.account,
        partition=pool.partition,
        scheduler_account=tenant.scheduler_account,
        qos=tenant.qos,
    )
