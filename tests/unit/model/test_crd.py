"""Kinds become CustomResourceDefinitions, and crds/ is what the model says."""

from pathlib import Path

from computility.cli.crds import generated_crds
from computility.model.crd import render_crd, render_root
from support.samples import REPORTED, STRUCTS

CRDS = Path(__file__).parents[3] / "crds"


def test_the_committed_crds_are_what_the_model_says() -> None:
    assert generated_crds().stale(CRDS) == [], "run `make crds`"


def test_a_missing_a_changed_and_a_foreign_file_are_each_named(tmp_path: Path) -> None:
    files = generated_crds()
    files.write(tmp_path)
    (tmp_path / "computility.io_assignments.yaml").unlink()
    (tmp_path / "computility.io_computejobs.yaml").write_text("changed")
    (tmp_path / "foreign.yaml").write_text("")

    assert files.stale(tmp_path) == [
        "computility.io_assignments.yaml",
        "computility.io_computejobs.yaml",
        "foreign.yaml",
    ]


def test_every_kind_can_be_asked_for_by_its_short_name_and_by_the_category() -> None:
    names = [render_crd(struct)["spec"]["names"] for struct in STRUCTS.values()]

    assert {name for kind in names for name in kind["shortNames"]} == {
        "member",
        "rpool",
        "dlink",
        "cjob",
        "asg",
    }
    assert all(kind["categories"] == ["computility"] for kind in names)


def test_only_members_and_the_ways_between_them_stand_outside_namespaces() -> None:
    scopes = {kind: render_crd(struct)["spec"]["scope"] for kind, struct in STRUCTS.items()}

    assert [kind for kind, scope in scopes.items() if scope == "Cluster"] == ["MemberCluster", "DataLink"]


def test_every_kind_requires_its_spec_so_that_no_rule_is_passed_by_removing_it() -> None:
    assert all(render_root(struct)["required"] == ["spec"] for struct in STRUCTS.values())


def test_a_kind_whose_status_observes_generations_starts_as_not_looked_at_yet() -> None:
    statuses = {kind: render_root(STRUCTS[kind])["properties"]["status"] for kind in REPORTED}

    assert {kind: status.get("default") for kind, status in statuses.items()} == {
        "MemberCluster": {"observedGeneration": -1},
        "ResourcePool": {"observedGeneration": -1},
        "ComputeJob": {"observedGeneration": -1},
        "Assignment": None,
    }


def test_a_kind_that_nobody_reports_on_has_no_status_and_no_subresource_for_one() -> None:
    (version,) = render_crd(STRUCTS["DataLink"])["spec"]["versions"]

    assert "subresources" not in version
    assert "status" not in version["schema"]["openAPIV3Schema"]["properties"]
