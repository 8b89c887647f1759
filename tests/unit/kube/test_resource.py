from datetime import UTC, datetime, timedelta, timezone

import pytest

from computility.kube.builtin import ConfigMap, Namespace, render_micro_time
from computility.kube.resource import resource_of
from computility.kube.selectors import label_in
from computility.model.assignment import Assignment
from computility.model.member_cluster import MemberCluster


def test_paths_follow_group_and_scope() -> None:
    assert resource_of(Assignment).object_path("member-a", "cj-1", "status") == (
        "/apis/computility.io/v1alpha1/namespaces/member-a/assignments/cj-1/status"
    )
    assert resource_of(MemberCluster).object_path("", "a") == (
        "/apis/computility.io/v1alpha1/memberclusters/a"
    )
    assert resource_of(ConfigMap).collection_path() == "/api/v1/configmaps"


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../secrets", "a?b", "a%2Fb", "-a", "a\n"])
def test_a_name_cannot_lead_to_another_path(name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        resource_of(ConfigMap).object_path("ns", name)


def test_a_namespace_that_does_not_fit_the_scope_is_refused() -> None:
    with pytest.raises(ValueError, match="is namespaced"):
        resource_of(ConfigMap).object_path("", "a")
    with pytest.raises(ValueError, match="cluster-scoped"):
        resource_of(Namespace).object_path("ns", "a")


def test_a_selector_of_names_is_stable_and_bounded() -> None:
    assert label_in("x/y", ["b", "a", "b"]) == "x/y in (a,b)"
    with pytest.raises(ValueError, match="not 0"):
        label_in("x/y", [])
    with pytest.raises(ValueError, match="not 251"):
        label_in("x/y", map(str, range(251)))


def test_a_whole_second_keeps_its_six_digits() -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=8)))

    assert render_micro_time(noon) == "2026-01-01T04:00:00.000000Z"
    assert render_micro_time(datetime(2026, 1, 1, 0, 0, 0, 7, UTC)) == "2026-01-01T00:00:00.000007Z"
