"""How often something happened to each index, and into which chunks an array is split."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from computility.lifecycle.chunks import CHUNK_SIZE, split_into_chunks
from computility.lifecycle.tally import Tally
from computility.model.index_set import MAX_ARRAY_SIZE, IndexSet

INDICES = st.integers(min_value=0, max_value=30)


@given(st.lists(st.frozensets(INDICES), max_size=12))
def test_a_tally_counts_each_index_as_often_as_it_was_added(added: list[frozenset[int]]) -> None:
    tally, counted = Tally(), Counter[int]()
    for indices in added:
        tally.add(IndexSet.of(indices))
        counted.update(indices)

    for times in range(13):
        assert set(tally.more_than(times)) == {i for i, count in counted.items() if count > times}
    assert tally.most == max(counted.values(), default=0)


@given(st.frozensets(st.integers(min_value=0, max_value=MAX_ARRAY_SIZE - 1), min_size=1))
def test_chunks_have_every_index_once_in_order_and_are_full_but_for_the_last(indices: frozenset[int]) -> None:
    chunks = split_into_chunks(IndexSet.of(indices))

    assert [index for chunk in chunks for index in chunk] == sorted(indices)
    assert [len(chunk) for chunk in chunks[:-1]] == [CHUNK_SIZE] * (len(chunks) - 1)
    assert 1 <= len(chunks[-1]) <= CHUNK_SIZE


def test_an_array_of_the_greatest_size_is_ten_chunks_and_one_more_index_a_chunk_more() -> None:
    assert len(split_into_chunks(IndexSet.first(MAX_ARRAY_SIZE))) == 10
    assert [str(chunk) for chunk in split_into_chunks(IndexSet.first(1001))] == ["0-999", "1000"]


def test_nothing_is_no_chunk() -> None:
    assert split_into_chunks(IndexSet()) == ()
