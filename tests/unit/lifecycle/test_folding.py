"""How the ends of an array's indices add up."""

import msgspec
import pytest

from computility.lifecycle.agent_actions import IndexEnd
from computility.lifecycle.folding import KINDS, conclude_array, count_ended, fold
from computility.model.assignment import AssignmentStatus, Counts, Fault, Started, State, Workload
from computility.model.index_set import MAX_ARRAY_SIZE, IndexSet
from computility.model.reasons import Reason
from support.builders import NOON, seconds

SUCCEEDED = AssignmentStatus(
    state=State.SUCCEEDED, reason="Succeeded", started=Started.YES, exit_code=0, stdout_tail="fine"
)
FAILED = AssignmentStatus(
    state=State.FAILED,
    reason=Reason.EXIT_CODE.value,
    message="exit code 3",
    fault=Fault.USER,
    started=Started.YES,
    exit_code=3,
    stderr_tail="Traceback",
)
CANCELLED = AssignmentStatus(state=State.CANCELLED, reason="Cancelled", started=Started.NO)
LOST = AssignmentStatus(
    state=State.LOST,
    reason="NoResult",
    message="it left no result",
    fault=Fault.INFRA,
    started=Started.UNKNOWN,
)


def ended(indices: str, status: AssignmentStatus, **fields: object) -> IndexEnd:
    return IndexEnd(indices=IndexSet.parse(indices), status=msgspec.structs.replace(status, **fields))


def outcomes(total: AssignmentStatus) -> dict[str, State]:
    return {outcome.indices: outcome.state for outcome in total.outcomes}


def test_indices_that_ended_alike_stand_together_and_others_apart() -> None:
    total = fold(
        None,
        [ended("0", SUCCEEDED), ended("2", FAILED), ended("1", SUCCEEDED), ended("3", FAILED, exit_code=4)],
    )

    assert [(o.indices, o.exit_code) for o in total.outcomes] == [("0-1", 0), ("2", 3), ("3", 4)]


def test_what_ends_later_joins_what_ended_before() -> None:
    before = fold(None, [ended("0-4", SUCCEEDED), ended("9", FAILED)])

    assert outcomes(fold(before, [ended("5", SUCCEEDED), ended("8", FAILED)])) == {
        "0-5": State.SUCCEEDED,
        "8-9": State.FAILED,
    }


def test_past_sixty_four_kinds_exit_codes_are_no_longer_told_apart_and_no_index_is_lost() -> None:
    few = fold(None, [ended(str(code), FAILED, exit_code=code) for code in range(1, KINDS + 1)])
    many = fold(few, [ended("100", FAILED, exit_code=100), ended("101", SUCCEEDED)])

    assert len(few.outcomes) == KINDS
    assert outcomes(many) == {"1-64,100": State.FAILED, "101": State.SUCCEEDED}
    assert {outcome.exit_code for outcome in many.outcomes} == {None}


def test_what_ended_differently_but_for_its_exit_code_is_never_put_together() -> None:
    by_signal = ended("70", FAILED, reason=Reason.SIGNAL.value, exit_code=None, signal=9)
    ends = [ended(str(code), FAILED, exit_code=code) for code in range(1, KINDS + 1)]

    total = fold(None, [*ends, by_signal, ended("71", FAILED, fault=Fault.SITE)])

    assert [(o.indices, o.reason, o.fault) for o in total.outcomes] == [
        ("1-64", Reason.EXIT_CODE.value, Fault.USER),
        ("70", Reason.SIGNAL.value, Fault.USER),
        ("71", Reason.EXIT_CODE.value, Fault.SITE),
    ]


def test_the_output_of_the_first_that_failed_is_kept_whatever_ended_before_or_after() -> None:
    total = fold(None, [ended("0", SUCCEEDED)])
    assert (total.stdout_tail, total.exit_code) == ("fine", 0)

    total = fold(total, [ended("1", FAILED), ended("2", FAILED, exit_code=4, stderr_tail="another")])
    total = fold(total, [ended("3", SUCCEEDED), ended("4", FAILED, exit_code=5)])

    assert (total.stdout_tail, total.stderr_tail, total.exit_code) == ("", "Traceback", 3)


def test_usage_is_summed_over_indices_and_what_ran_not_at_all_adds_nothing() -> None:
    used = {"run_seconds": 2.0, "core_seconds": 8.0, "card_seconds": 1.0}
    total = fold(None, [ended("0-2", SUCCEEDED, **used), ended("3", CANCELLED), ended("4", FAILED, **used)])

    assert (total.run_seconds, total.core_seconds, total.card_seconds) == (8.0, 32.0, 4.0)
    assert fold(None, [ended("3", CANCELLED)]).run_seconds is None


def test_the_first_start_and_the_last_end_are_kept() -> None:
    total = fold(
        None,
        [
            ended("0", SUCCEEDED, started_at=NOON, ended_at=NOON + seconds(9)),
            ended("1", SUCCEEDED, started_at=NOON - seconds(5), ended_at=NOON + seconds(3)),
            ended("2", CANCELLED),
        ],
    )

    assert (total.started_at, total.ended_at) == (NOON - seconds(5), NOON + seconds(9))


def test_each_workload_is_named_once_however_many_of_its_indices_ended() -> None:
    first, second = (Workload(native_id=str(11 + n), chunk=n) for n in (0, 1))
    ends = [ended("0", SUCCEEDED, workloads=(first,)), ended("1", SUCCEEDED, workloads=(first,))]

    total = fold(fold(None, ends), [ended("1000", SUCCEEDED, workloads=(second,))])

    assert total.workloads == (first, second)


@pytest.mark.parametrize(
    ("ends", "state", "reason", "started", "counts"),
    [
        pytest.param(
            [ended("0-9", SUCCEEDED)],
            State.SUCCEEDED,
            Reason.SUCCEEDED,
            Started.YES,
            Counts(succeeded=10),
            id="all-succeeded",
        ),
        pytest.param(
            [ended("0-8", SUCCEEDED), ended("9", FAILED)],
            State.FAILED,
            Reason.EXIT_CODE,
            Started.YES,
            Counts(succeeded=9, failed=1),
            id="one-failure-is-a-failure",
        ),
        pytest.param(
            [ended("0", LOST), ended("1", CANCELLED), ended("2", SUCCEEDED)],
            State.LOST,
            Reason.NO_RESULT,
            Started.YES,
            Counts(succeeded=1, failed=2),
            id="lost-is-worse-than-cancelled",
        ),
        pytest.param(
            [ended("0", CANCELLED), ended("1", SUCCEEDED)],
            State.CANCELLED,
            Reason.CANCELLED,
            Started.YES,
            Counts(succeeded=1, failed=1),
            id="a-cancel-outweighs-what-succeeded",
        ),
        pytest.param(
            [ended("0-9", CANCELLED)],
            State.CANCELLED,
            Reason.CANCELLED,
            Started.NO,
            Counts(failed=10),
            id="none-started",
        ),
        pytest.param(
            [ended("0", CANCELLED), ended("1", LOST)],
            State.LOST,
            Reason.NO_RESULT,
            Started.UNKNOWN,
            Counts(failed=2),
            id="one-may-have-started",
        ),
    ],
)
def test_an_attempt_ended_as_the_worst_of_its_indices(
    ends: list[IndexEnd], state: State, reason: Reason, started: Started, counts: Counts
) -> None:
    told = conclude_array(fold(None, ends))

    assert (told.state, told.reason, told.started, told.counts) == (state, reason.value, started, counts)


def test_the_message_counts_and_gives_the_words_of_the_first_that_failed() -> None:
    told = conclude_array(fold(None, [ended("0-8", SUCCEEDED), ended("9", FAILED)]))

    assert told.message == "9 of 10 indices succeeded; the first that failed: exit code 3"
    assert conclude_array(fold(None, [ended("0-8", SUCCEEDED)])).message == "9 of 9 indices succeeded"


def test_the_longest_message_is_cut_to_what_a_report_may_have() -> None:
    assert len(conclude_array(fold(None, [ended("0", FAILED, message="x" * 1024)])).message) == 1024


def test_before_anything_has_ended_there_is_nothing_to_count() -> None:
    assert count_ended(None) == (0, 0)
    assert count_ended(fold(None, [ended("0-6", SUCCEEDED), ended("7", LOST)])) == (7, 1)


def test_ten_thousand_ends_of_one_look_are_all_counted() -> None:
    ends = [ended(str(i), FAILED if i % 2 else SUCCEEDED) for i in range(MAX_ARRAY_SIZE)]

    assert count_ended(fold(None, ends)) == (MAX_ARRAY_SIZE // 2, MAX_ARRAY_SIZE // 2)


def test_a_run_that_succeeded_gives_its_output_where_the_first_one_brought_none() -> None:
    def ended(text: str, output: str = "", code: int = 0) -> IndexEnd:
        state = State.FAILED if code else State.SUCCEEDED
        status = AssignmentStatus(state=state, started=Started.YES, exit_code=code, stdout_tail=output)
        return IndexEnd(indices=IndexSet.parse(text), status=status)

    later = fold(fold(None, [ended("0")]), [ended("1", "one"), ended("2", "two")])
    failed = fold(None, [ended("0"), ended("1", code=3), ended("2", "two")])

    assert (later.stdout_tail, failed.stdout_tail) == ("one", "")
