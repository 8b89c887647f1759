"""On a real API server: the samples are served, read back equal to the model, and printed."""

from typing import Any

import pytest

from support.api import Api
from support.samples import (
    REPORTED,
    STRUCTS,
    Manifest,
    collection,
    decode,
    encoded,
    fresh,
    full_status,
    path_of,
    sample,
    sample_names,
)

pytestmark = pytest.mark.control_plane

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


def post(api: Api, manifest: Manifest) -> dict[str, Any]:
    answer = api.create(collection(manifest), manifest)
    assert answer.is_ok, answer.message
    return answer.body


@pytest.mark.parametrize("name", sample_names())
def test_a_sample_is_read_back_equal_to_the_model(api: Api, namespace: str, name: str) -> None:
    manifest = fresh(sample(name), namespace)
    post(api, manifest)

    read = decode(api.get(path_of(manifest)).body)

    assert read.spec == decode(manifest).spec
    assert read.metadata.labels == decode(manifest).metadata.labels


@pytest.mark.parametrize("name", [name for name in sample_names() if name.endswith("-full")])
def test_no_field_of_a_full_sample_is_lost_on_the_way(api: Api, namespace: str, name: str) -> None:
    manifest = fresh(sample(name), namespace)
    post(api, manifest)

    assert encoded(decode(api.get(path_of(manifest)).body))["spec"] == manifest["spec"]


@pytest.mark.parametrize("kind", REPORTED)
def test_a_full_status_is_read_back_equal_to_the_model(api: Api, namespace: str, kind: str) -> None:
    manifest = fresh(sample(f"{kind.lower()}-full"), namespace)
    post(api, manifest)

    written = api.patch(f"{path_of(manifest)}/status", {"status": full_status(kind)})

    assert written.is_ok, written.message
    assert encoded(decode(api.get(path_of(manifest)).body))["status"] == full_status(kind)


@pytest.mark.parametrize("kind", [kind for kind in REPORTED if kind != "Assignment"])
def test_an_object_that_nobody_has_looked_at_says_so(api: Api, namespace: str, kind: str) -> None:
    manifest = fresh(sample(f"{kind.lower()}-minimal"), namespace)
    post(api, manifest)

    assert api.get(path_of(manifest)).body["status"] == {"observedGeneration": -1}


def test_a_status_sent_along_with_a_new_job_is_not_taken(api: Api, namespace: str) -> None:
    manifest = fresh(sample("computejob-minimal"), namespace) | {"status": {"lastOrdinal": 7}}
    post(api, manifest)

    assert decode(api.get(path_of(manifest)).body).status.last_ordinal == 0


@pytest.mark.parametrize("kind", STRUCTS)
def test_every_column_prints_something(api: Api, namespace: str, kind: str) -> None:
    manifest = fresh(sample(f"{kind.lower()}-full"), namespace)
    post(api, manifest)
    if kind in REPORTED:
        assert api.patch(f"{path_of(manifest)}/status", {"status": full_status(kind)}).is_ok

    cells = printed(api, manifest)

    assert [column for column, cell in cells.items() if cell in (None, "", "<none>")] == []


def test_a_job_prints_the_native_id_of_its_last_attempt(api: Api, namespace: str) -> None:
    manifest = fresh(sample("computejob-full"), namespace)
    post(api, manifest)
    api.patch(f"{path_of(manifest)}/status", {"status": full_status("ComputeJob")})

    assert printed(api, manifest)["Native-ID"] == "4712"


def test_a_status_of_a_link_has_no_place_to_go(api: Api, namespace: str) -> None:
    manifest = fresh(sample("datalink-minimal"), namespace)
    post(api, manifest)

    assert api.patch(f"{path_of(manifest)}/status", {"status": {}}).code == 404


def printed(api: Api, manifest: Manifest) -> dict[str, object]:
    """Return what `kubectl get -o wide` prints of an object, by column."""
    table = api.ask("GET", path_of(manifest), accept=TABLE).body
    names = [column["name"] for column in table["columnDefinitions"]]
    return dict(zip(names, table["rows"][0]["cells"], strict=True))
