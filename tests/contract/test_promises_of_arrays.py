"""What both backends promise of arrays, sentence by sentence of `backends.protocol`."""

from computility.lifecycle.evidence import ClaimHolder, WorkloadState
from computility.model.index_set import IndexSet
from support.either import EitherWorld
from support.workloads import LOST_CLAIM, Seen, an_array, some


async def test_each_index_of_an_array_has_a_claim_and_a_result_of_its_own(either: EitherWorld) -> None:
    target = await either.start(either.payloads.ends(output="x"), an_array(4))

    look = await either.until_ended(target)

    assert look.results.keys() == {0, 1, 2, 3}
    assert all(found.claim.holder is ClaimHolder.PAYLOAD for found in look.indices.values())
    assert {w.indices for w in look.workloads} == {IndexSet.of([index]) for index in range(4)}
    assert len({w.native_id for w in look.workloads}) == 1
    assert look.tail_index == 0


async def test_of_an_array_only_the_indices_asked_for_are_told(either: EitherWorld) -> None:
    target = await either.start(either.payloads.ends(), an_array(3))
    await either.until_ended(target)

    assert (await either.look(some(target, 1))).results.keys() == {1}


async def test_no_more_than_max_concurrent_of_an_array_run_at_a_time(either: EitherWorld) -> None:
    work = either.payloads.ends(after=0.6, max_concurrent=2)
    target = await either.start(work, an_array(4))

    results = (await either.until_ended(target)).results

    assert len(results) == 4
    for one in results.values():
        together = [r for r in results.values() if r.started_at <= one.started_at < r.ended_at]
        assert len(together) <= 2


async def test_as_many_as_max_concurrent_of_an_array_run_while_more_wait(either: EitherWorld) -> None:
    target = await either.start(either.payloads.runs_on(max_concurrent=2), an_array(3))
    await either.until(target, lambda look: len(begun(look)) == 2, "two run")
    ended = some(target, *begun(await either.look(target))[:1])

    await either.backend.cancel([ended])

    look = await either.until(target, lambda look: len(begun(look)) == 3, "the third runs in its place")
    assert look.results.keys() == set(ended.indices)
    await either.backend.cancel([target])


def begun(look: Seen) -> list[int]:
    """Return the indices whose payloads have started, running or over."""
    return [index for index, found in look.indices.items() if found.started_at is not None]


async def test_an_array_that_is_submitted_twice_starts_each_index_once(either: EitherWorld) -> None:
    target = await either.hold(either.payloads.ends(after=0.5), an_array(3))
    await either.start(either.payloads.ends(after=0.5), target)

    look = await either.until_ended(target)

    assert look.results.keys() == {0, 1, 2}
    assert sorted(w.word for w in look.workloads) == ["COMPLETED"] * 3 + [LOST_CLAIM] * 3


async def test_burned_indices_of_an_array_never_start_and_the_others_do(either: EitherWorld) -> None:
    target = await either.hold(either.payloads.ends(), an_array(4))
    await either.backend.burn([some(target, 1, 3)])
    await either.backend.go([target])
    await either.release(target)

    look = await either.until_ended(target)

    assert look.results.keys() == {0, 2}
    assert {i for i, seen in look.indices.items() if seen.claim.holder is ClaimHolder.AGENT} == {1, 3}


async def test_indices_of_an_array_that_are_cancelled_end_and_the_others_are_left_alone(
    either: EitherWorld,
) -> None:
    target = await either.start(either.payloads.runs_on(), an_array(3))
    await either.until(target, lambda look: all(look.index(i).traces for i in range(3)), "all three run")

    await either.backend.cancel([some(target, 1)])

    look = await either.until(target, lambda look: 1 in look.results, "index 1 ends")
    assert look.results.keys() == {1}
    active = {i for w in look.workloads if w.state is WorkloadState.ACTIVE for i in w.indices}
    assert active == {0, 2}
    await either.backend.cancel([target])


async def test_indices_of_an_array_that_are_cancelled_before_they_start_never_do_and_the_others_do(
    either: EitherWorld,
) -> None:
    target = await either.hold(either.payloads.ends(), an_array(3))

    await either.backend.cancel([some(target, 1)])
    await either.backend.go([target])
    await either.release(target)

    assert (await either.until_ended(target)).results.keys() == {0, 2}


async def test_the_tail_is_that_of_the_first_index_that_ended_badly(either: EitherWorld) -> None:
    target = await either.start(either.payloads.ends(1, output="bad"), an_array(IndexSet.of([2, 5])))

    look = await either.until_ended(target)

    assert (look.tail_index, look.stdout_tail) == (2, "bad")
