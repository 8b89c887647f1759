from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from computility.kube.merge_patch import merge_patch, status_patch
from computility.model.assignment import AssignmentStatus, State, Workload

VALUES = st.recursive(
    st.integers() | st.text(max_size=3) | st.lists(st.integers(), max_size=2),
    lambda inner: st.dictionaries(st.sampled_from("abcd"), inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.sampled_from("abcd"), VALUES, max_size=4)


def applied(target: object, patch: object) -> object:
    """RFC 7386, section 2, word for word."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = applied(result.get(name), value)
    return result


@given(OBJECTS, OBJECTS)
def test_a_server_that_applies_the_patch_arrives_at_the_new_value(old: dict, new: dict) -> None:
    assert applied(old, merge_patch(old, new)) == new


@given(OBJECTS)
def test_equal_values_need_no_write(value: dict) -> None:
    assert merge_patch(value, value) == {}


def test_only_what_changed_is_sent_and_lists_go_whole() -> None:
    first = Workload(native_id="7", submitted_at=datetime(2026, 1, 1, tzinfo=UTC))
    old = AssignmentStatus(state=State.HELD, workloads=(first,), message="held", sequence=1)
    new = AssignmentStatus(state=State.HELD, workloads=(first, Workload(native_id="8")), sequence=2)

    assert status_patch(old, new) == {
        "message": None,
        "sequence": 2,
        "workloads": [{"nativeID": "7", "submittedAt": "2026-01-01T00:00:00Z"}, {"nativeID": "8"}],
    }


def test_a_null_means_the_same_as_an_absent_key() -> None:
    assert status_patch({"a": None}, {}) == {}
    assert status_patch({}, {"a": None, "b": {"c": None}}) == {"b": {}}


def test_what_is_no_mapping_is_refused() -> None:
    with pytest.raises(TypeError, match="not int"):
        status_patch({}, 5)
