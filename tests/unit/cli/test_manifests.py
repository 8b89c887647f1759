"""Reading jobs from YAML files."""

from pathlib import Path

import pytest

from computility.cli.errors import CliError
from computility.cli.manifests import read_manifests

JOB = "apiVersion: computility.io/v1alpha1\nkind: ComputeJob\nmetadata: {name: %s}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "jobs.yaml"


def test_every_document_of_every_file_is_read_in_order(tmp_path: Path) -> None:
    first, second = tmp_path / "1.yaml", tmp_path / "2.yaml"
    first.write_text("---\n" + JOB % "a" + "---\n" + JOB % "b" + "---\n")
    second.write_text(JOB % "c")

    assert [manifest.name for manifest in read_manifests([str(first), str(second)])] == ["a", "b", "c"]


def test_dates_and_times_stay_text_as_json_has_it(file: Path) -> None:
    file.write_text(JOB % "a" + "spec: {day: 2026-12-01, at: 2026-12-01T06:00:00Z}\n")

    assert read_manifests([str(file)])[0].body["spec"] == {"day": "2026-12-01", "at": "2026-12-01T06:00:00Z"}


def test_anchors_and_merge_keys_work(file: Path) -> None:
    file.write_text(JOB % "a" + "spec:\n  one: &one {x: 1}\n  two: {<<: *one, y: 2}\n")

    assert read_manifests([str(file)])[0].body["spec"]["two"] == {"x": 1, "y": 2}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        pytest.param("", "no job in", id="nothing"),
        pytest.param("a: [", "line 1, column 5", id="no-yaml"),
        pytest.param("a: " + "[" * 100_000, "too deep", id="deeper-than-anybody-reads"),
        pytest.param(JOB % "a" + "spec: {}\nspec: {}\n", '"spec" stands twice', id="a-key-twice"),
        pytest.param(JOB % "a" + "on: {}\n", 'the key "on" is no text', id="a-key-that-yaml-takes-for-true"),
        pytest.param("apiVersion: v1\nkind: Pod\n", "v1 and Pod", id="another-kind"),
        pytest.param("- 1\n", "None and None", id="no-object"),
        pytest.param(JOB % "''" + "---\nmetadata: {}\n", "document 2", id="a-later-document"),
        pytest.param(JOB.replace("{name: %s}", "{}"), "metadata.name", id="no-name"),
        pytest.param(JOB % "7", "metadata.name", id="a-name-that-is-a-number"),
        pytest.param("\udcff", "UTF-8", id="no-utf-8"),
        pytest.param("!!python/object:os.system {}", "constructor", id="a-tag-that-would-run-code"),
    ],
)
def test_what_is_no_job_is_refused_with_its_place(text: str, named: str, file: Path) -> None:
    file.write_text(text, errors="surrogateescape")

    with pytest.raises(CliError, match=named):
        read_manifests([str(file)])


def test_a_missing_file_is_named(file: Path) -> None:
    with pytest.raises(CliError, match=r'cannot read ".*jobs\.yaml": No such file'):
        read_manifests([str(file)])
