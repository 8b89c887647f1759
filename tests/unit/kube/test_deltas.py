from computility.kube.builtin import ConfigMap
from computility.kube.codec import Unreadable
from computility.kube.deltas import Added, Deleted, Delta, Mirror, Modified, Synced
from computility.kube.frames import Change, Changed
from computility.kube.listing import Listing
from computility.model.meta import Key, ObjectMeta


def a_map(name: str, version: int = 1, uid: str = "") -> ConfigMap:
    meta = ObjectMeta(name=name, namespace="ns", uid=uid or name, resource_version=str(version))
    return ConfigMap(metadata=meta)


def unreadable(name: str, uid: str = "") -> Unreadable:
    return Unreadable(Key("ns", name), uid or name, "9", "$.data")


def a_mirror(*items: ConfigMap) -> Mirror[ConfigMap]:
    mirror: Mirror[ConfigMap] = Mirror()
    list(mirror.take_list(Listing(list(items), "1", [])))
    return mirror


def relist(mirror: Mirror[ConfigMap], *items: ConfigMap | Unreadable) -> list[Delta[ConfigMap]]:
    readable = [item for item in items if isinstance(item, ConfigMap)]
    return list(mirror.take_list(Listing(readable, "2", [i for i in items if isinstance(i, Unreadable)])))


def test_what_vanished_between_two_lists_is_told_as_deleted() -> None:
    mirror = a_mirror(a_map("a"), a_map("b"))

    assert relist(mirror, a_map("b")) == [Deleted(a_map("a")), Synced()]
    assert set(mirror.objects) == {Key("ns", "b")}


def test_a_second_list_tells_only_what_is_different() -> None:
    mirror = a_mirror(a_map("a"), a_map("b"))

    deltas = relist(mirror, a_map("a"), a_map("b", 5), a_map("c"))

    assert deltas == [Modified(a_map("b"), a_map("b", 5)), Added(a_map("c")), Synced()]


def test_a_namesake_is_a_deletion_and_an_addition() -> None:
    mirror = a_mirror(a_map("a", uid="first"))
    second = a_map("a", 2, uid="second")

    assert relist(mirror, second) == [Deleted(a_map("a", uid="first")), Added(second), Synced()]


def test_an_unreadable_object_is_reported_and_not_called_deleted() -> None:
    mirror = a_mirror(a_map("a"))

    assert relist(mirror, unreadable("a")) == [unreadable("a"), Synced()]
    assert set(mirror.unreadable) == {Key("ns", "a")}
    assert relist(mirror, a_map("a", 3)) == [Added(a_map("a", 3)), Synced()]
    assert not mirror.unreadable


def test_an_unreadable_namesake_ends_the_object_that_was_there() -> None:
    mirror = a_mirror(a_map("a", uid="first"))

    assert relist(mirror, unreadable("a", "second")) == [
        Deleted(a_map("a", uid="first")),
        unreadable("a", "second"),
        Synced(),
    ]


def test_events_change_the_copy_and_a_repeated_one_changes_nothing() -> None:
    mirror = a_mirror()

    assert list(mirror.take_event(Changed(Change.ADDED, a_map("a")))) == [Added(a_map("a"))]
    assert list(mirror.take_event(Changed(Change.ADDED, a_map("a")))) == []
    assert list(mirror.take_event(Changed(Change.MODIFIED, a_map("a", 2)))) == [
        Modified(a_map("a"), a_map("a", 2))
    ]
    assert list(mirror.take_event(Changed(Change.DELETED, a_map("a", 3)))) == [Deleted(a_map("a", 3))]
    assert not mirror.objects


def test_the_deletion_of_an_object_that_became_unreadable_tells_its_last_readable_form() -> None:
    mirror = a_mirror(a_map("a"))

    assert list(mirror.take_event(Changed(Change.DELETED, unreadable("a")))) == [Deleted(a_map("a"))]
