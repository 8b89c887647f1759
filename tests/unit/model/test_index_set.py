"""Sets of indices: their compact text, and what is asked of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from computility.model.index_set import MAX_ARRAY_SIZE, IndexSet

EVERY_OTHER = range(0, MAX_ARRAY_SIZE, 2)
SETS = st.frozensets(st.integers(min_value=0, max_value=MAX_ARRAY_SIZE - 1), max_size=50)


@pytest.mark.parametrize(
    ("text", "indices"),
    [
        ("", []),
        ("0", [0]),
        ("0-3", [0, 1, 2, 3]),
        ("0-1,5,7-8", [0, 1, 5, 7, 8]),
        ("7-8,5,0-1", [0, 1, 5, 7, 8]),
        ("3,3,2-4", [2, 3, 4]),
        ("9999", [9999]),
        ("007", [7]),
    ],
)
def test_a_text_is_read_whatever_order_its_parts_have(text: str, indices: list[int]) -> None:
    assert list(IndexSet.parse(text)) == indices


@given(SETS)
def test_what_is_written_is_read_back_as_the_same(indices: frozenset[int]) -> None:
    written = IndexSet.of(indices)

    assert IndexSet.parse(str(written)) == written
    assert list(written) == sorted(indices)


@given(SETS)
def test_neighbours_are_written_as_one_range_and_a_lone_one_as_itself(indices: frozenset[int]) -> None:
    parts = str(IndexSet.of(indices)).split(",") if indices else []
    begins = [index for index in indices if index - 1 not in indices]

    assert len(parts) == len(begins)
    assert [part for part in parts if part.split("-")[0] == part.split("-")[-1] and "-" in part] == []


@given(SETS, SETS)
def test_sets_are_joined_cut_and_taken_from_each_other(one: frozenset[int], other: frozenset[int]) -> None:
    a, b = IndexSet.of(one), IndexSet.of(other)

    assert (set(a | b), set(a & b), set(a - b)) == (one | other, one & other, one - other)


@given(SETS, st.integers(min_value=0, max_value=60))
def test_the_lowest_are_taken_first(indices: frozenset[int], count: int) -> None:
    assert list(IndexSet.of(indices).take(count)) == sorted(indices)[:count]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("a", '"a"'),
        ("0,", '""'),
        ("1 ", '"1 "'),
        ("0-3\n", '"0-3'),
        ("-1", '"-1"'),
        ("10000", '"10000"'),
        ("0-10000", '"0-10000"'),
        ("1-2-3", '"1-2-3"'),
        ("٣", '"٣"'),
        ("9-3", '"9-3" ends before it begins'),
    ],
)
def test_what_is_no_set_is_refused_by_its_text(text: str, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        IndexSet.parse(text)


def test_a_refusal_quotes_no_more_than_is_needed_to_find_it() -> None:
    with pytest.raises(ValueError, match='"xxxxxxxxxxxxxxxxxxxx" is no index'):
        IndexSet.parse("0-1," + "x" * 10_000)


def test_a_set_of_ten_thousand_is_written_in_six_letters_and_the_most_ragged_one_within_its_bound() -> None:
    whole, ragged = IndexSet.first(MAX_ARRAY_SIZE), IndexSet.of(EVERY_OTHER)

    assert str(whole) == "0-9999"
    assert len(whole) == MAX_ARRAY_SIZE
    assert len(str(ragged)) <= 32_768
    assert list(IndexSet.parse(str(ragged))) == list(EVERY_OTHER)


def test_an_empty_set_is_false_and_writes_nothing() -> None:
    assert not IndexSet()
    assert (str(IndexSet()), len(IndexSet()), list(IndexSet())) == ("", 0, [])


def test_equal_sets_are_one_key_and_no_set_is_equal_to_its_text() -> None:
    assert {IndexSet.of([3, 1]): "x"}[IndexSet.parse("1,3")] == "x"
    assert IndexSet.parse("1") != "1"
    assert 1 in IndexSet.parse("1")
    assert 2 not in IndexSet.parse("1")
