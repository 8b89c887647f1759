"""A ranking that is asked again and again while attempts come and go, beside one that sorts all rows anew."""

from itertools import islice

from hypothesis import example, given
from hypothesis import strategies as st

from computility.model.compute_job import PlacementSpec, Policy
from computility.model.tariff import Tariff, TariffWindow
from computility.placement.facts import PoolFacts
from computility.placement.held import Held, Stake
from computility.placement.ours import Ours
from computility.placement.ranking import Ranking
from computility.placement.snapshot import Snapshot
from support.builders import NOON, seconds
from support.placing import a_pool_with, a_request

HOUR = 3600
NODE = Stake(Held(cores=8), int(NOON.timestamp()))


def a_pool(name: str, nodes: int, price: int, dear_seconds: int) -> PoolFacts:
    """A pool whose price is 9 for so long from now on."""
    window = TariffWindow(start=NOON, end=NOON + seconds(dear_seconds), per_core_hour="9")
    tariff = Tariff(per_core_hour=str(price), windows=(window,) if dear_seconds else ())
    return a_pool_with(name, nodes=nodes, cores=8, tariff=tariff)


def sorted_anew(snapshot: Snapshot, ranking: Ranking, held: dict[int, int]) -> list[int]:
    """Sort all rows by what each comes to while so many whole nodes of it are ours."""
    behind = ranking.answer.behind
    is_full = {row: held.get(row, 0) >= pool.spec.shape.nodes for row, pool in enumerate(snapshot.pools)}
    return sorted(is_full, key=lambda row: behind.key(row) if is_full[row] else behind.first_key(row))


pools = st.lists(
    st.tuples(st.integers(1, 2), st.integers(1, 3), st.sampled_from([0, HOUR, 2 * HOUR])),
    min_size=1,
    max_size=6,
)
steps = st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.integers(0, 6)), max_size=30)


@example([(1, 2, 0), (1, 3, 0), (1, 1, HOUR)], [(2, True, 1), (2, False, 3)], Policy.CHEAPEST, None)
@given(pools, steps, st.sampled_from([Policy.FASTEST, Policy.CHEAPEST]), st.none() | st.integers(1, 3))
def test_walks_that_end_anywhere_go_through_the_rows_in_their_order_as_it_is_now(
    offers: list[tuple[int, int, int]],
    moves: list[tuple[int, bool, int]],
    policy: Policy,
    hours: int | None,
) -> None:
    deadline = None if hours is None else NOON + seconds(hours * HOUR)
    ours, held = Ours(), dict[int, int]()
    snapshot = Snapshot(pools=tuple(a_pool(f"m{n}", *each) for n, each in enumerate(offers)), ours=ours)
    request = a_request(max_run_seconds=HOUR, placement=PlacementSpec(policy=policy), deadline=deadline)
    for number, comes, steps_walked in moves:
        row = number % len(offers)
        if comes:
            ours.add(snapshot.pools[row].key, NODE)
        elif held.get(row):
            ours.remove(snapshot.pools[row].key, NODE)
        held[row] = max(0, held.get(row, 0) + (1 if comes else -1))
        ranking = snapshot.ranking(snapshot.answer(request, NOON))
        walked = list(islice(ranking.preferred(), steps_walked))

        assert walked == sorted_anew(snapshot, ranking, held)[:steps_walked]
