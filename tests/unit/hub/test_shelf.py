from computility.hub.shelf import Change, Shelf
from computility.kube.builtin import ConfigMap
from computility.model.meta import Key, ObjectMeta

KEY = Key("ns", "a")


def a_map(version: int, uid: str = "u1", name: str = "a") -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name, namespace="ns", uid=uid, resource_version=str(version)))


def a_shelf(*items: ConfigMap) -> Shelf[ConfigMap]:
    shelf: Shelf[ConfigMap] = Shelf()
    for item in items:
        shelf.put(item)
    return shelf


def test_an_older_version_never_replaces_a_newer_one() -> None:
    shelf = a_shelf(a_map(10))

    assert shelf.put(a_map(9)) == []
    assert shelf.put(a_map(10)) == []
    assert shelf.put(a_map(11)) == [Change(a_map(10), a_map(11))]


def test_an_answer_that_arrives_after_the_deletion_brings_nothing_back() -> None:
    shelf = a_shelf(a_map(10))
    gone = shelf.drop(KEY, "u1")

    assert gone == [Change(a_map(10), None)]
    assert shelf.put(a_map(12)) == []
    assert shelf.objects == {}


def test_a_namesake_is_told_as_one_gone_and_one_new() -> None:
    shelf = a_shelf(a_map(10))

    assert shelf.put(a_map(20, uid="u2")) == [Change(a_map(10), None), Change(None, a_map(20, uid="u2"))]


def test_a_late_deletion_leaves_the_namesake_alone() -> None:
    shelf = a_shelf(a_map(10), a_map(20, uid="u2"))

    assert shelf.drop(KEY, "u1") == []
    assert shelf.objects[KEY].metadata.uid == "u2"


def test_what_was_made_after_a_list_is_not_missing_from_it() -> None:
    shelf = a_shelf(
        a_map(10, name="listed"), a_map(11, uid="u2", name="gone"), a_map(30, uid="u3", name="new")
    )

    missing = shelf.missing_from({Key("ns", "listed")}, "20")

    assert [item.metadata.name for item in missing] == ["gone"]
