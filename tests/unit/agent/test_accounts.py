"""The centre's table: who may have written it, and what it says."""

import os
from pathlib import Path

import msgspec
import pytest

from computility.agent.accounts import LocalTerms, read_table, resolve
from computility.agent.settings import SettingsError
from computility.lifecycle.entry import Refusal
from computility.model.assignment import Assignment, MovementWork
from computility.model.compute_job import Launcher
from computility.model.reasons import Reason
from support.builders import an_assignment

TEXT = """\
root: /srv/computility
pools:
  cpu:
    partition: batch
    modules: {gcc: [gcc/12.2], openmpi: [gcc/12.2, openmpi/4.1]}
    mpi: {openmpi: pmix, mpich: pmi2}
tenants:
  team-a: {account: alice, schedulerAccount: proj-a, qos: normal}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    tmp_path.chmod(0o755)
    file = tmp_path / "table.yaml"
    file.write_text(TEXT)
    file.chmod(0o644)
    return file


def changed(**changes: object) -> Assignment:
    """Build an assignment whose job differs."""
    assignment = an_assignment()
    job = msgspec.structs.replace(assignment.spec.job, **changes)
    return msgspec.structs.replace(assignment, spec=msgspec.structs.replace(assignment.spec, job=job))


def refusal_of(path: Path, assignment: Assignment, member_uid: str = "uid-alpha") -> Reason:
    refusal = resolve(read_table(path, os.getuid()), assignment, member_uid)
    assert isinstance(refusal, Refusal)
    return refusal.reason


def test_pool_and_tenant_are_resolved(path: Path) -> None:
    terms = resolve(read_table(path, os.getuid()), an_assignment(), "uid-alpha")

    assert terms == LocalTerms(account="alice", partition="batch", scheduler_account="proj-a", qos="normal")


def terms_of(path: Path, **changes: object) -> LocalTerms:
    terms = resolve(read_table(path, os.getuid()), changed(**changes), "uid-alpha")
    assert isinstance(terms, LocalTerms)
    return terms


def test_aliases_become_the_centres_own_modules_each_once_in_the_order_of_the_job(path: Path) -> None:
    assert terms_of(path, modules=("openmpi", "gcc")).modules == ("gcc/12.2", "openmpi/4.1")


@pytest.mark.parametrize(
    ("launcher", "mpi", "start"),
    [
        pytest.param(Launcher.MPI, "mpich", "pmi2", id="the-one-asked-for"),
        pytest.param(Launcher.MPI, None, "pmix", id="the-tables-first"),
        pytest.param(Launcher.PER_TASK, None, "", id="none-for-other-launchers"),
    ],
)
def test_an_mpi_is_started_as_the_table_says(
    path: Path, launcher: Launcher, mpi: str | None, start: str
) -> None:
    assert terms_of(path, launcher=launcher, mpi=mpi).mpi == start


def test_a_module_that_the_table_has_not_got_is_the_centres_fault(path: Path) -> None:
    assert refusal_of(path, changed(modules=("gcc", "cann"))) is Reason.MODULE_UNKNOWN


def test_an_mpi_that_the_table_has_not_got_is_refused(path: Path) -> None:
    assert refusal_of(path, changed(launcher=Launcher.MPI, mpi="intelmpi")) is Reason.MPI_UNKNOWN


@pytest.mark.parametrize("name", ["-x", "gcc/12;id", "/etc/passwd", "gcc//12", "gcc/..", "gcc\n"])
def test_what_can_be_no_modules_name_is_refused_in_the_table(path: Path, name: str) -> None:
    path.write_text(TEXT.replace("[gcc/12.2]", msgspec.json.encode([name]).decode()))

    with pytest.raises(SettingsError, match="modules"):
        read_table(path, os.getuid())


def test_an_unknown_pool_is_refused(path: Path) -> None:
    assert refusal_of(path, changed(pool="gpu")) is Reason.POOL_UNKNOWN


def test_a_tenant_without_account_is_refused(path: Path) -> None:
    assert refusal_of(path, changed(namespace="team-z")) is Reason.TENANT_UNMAPPED


def test_an_assignment_for_a_member_of_another_uid_is_refused(path: Path) -> None:
    assert refusal_of(path, an_assignment(), member_uid="uid-beta") is Reason.MEMBER_MISMATCH


def test_an_assignment_under_a_name_that_is_not_its_own_is_refused(path: Path) -> None:
    assert refusal_of(path, changed(uid="11111111-1111-1111-1111-111111111111")) is Reason.INVALID


def test_a_movement_is_refused(path: Path) -> None:
    assignment = an_assignment()
    spec = msgspec.structs.replace(
        assignment.spec, job=None, movement=MovementWork(source="here", destination="there")
    )
    moving = msgspec.structs.replace(assignment, spec=spec)

    assert refusal_of(path, moving) is Reason.UNSUPPORTED


@pytest.mark.parametrize("mode", [0o664, 0o646])
def test_a_table_that_others_may_write_is_not_trusted(path: Path, mode: int) -> None:
    path.chmod(mode)

    with pytest.raises(SettingsError, match="cannot trust"):
        read_table(path, os.getuid())


def test_a_table_in_a_folder_that_others_may_write_is_not_trusted(path: Path) -> None:
    path.parent.chmod(0o777)

    with pytest.raises(SettingsError, match="cannot trust"):
        read_table(path, os.getuid())


def test_a_table_of_another_owner_is_not_trusted(path: Path) -> None:
    with pytest.raises(SettingsError, match=f"must belong to uid {os.getuid() + 1}"):
        read_table(path, os.getuid() + 1)


def test_a_misspelt_word_in_the_table_is_refused_by_name(path: Path) -> None:
    path.write_text(TEXT.replace("schedulerAccount", "schedulerAcount"))

    with pytest.raises(SettingsError, match="schedulerAcount"):
        read_table(path, os.getuid())
