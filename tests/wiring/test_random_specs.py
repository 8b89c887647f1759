"""On a real API server: specs drawn by chance are refused on both sides, or can be worked with."""

import random
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from computility.cli.errors import CliError
from computility.cli.manifests import Manifest as Read
from computility.cli.offers import read_preset
from computility.cli.quotes import Market, as_quote, make_quotes
from computility.cli.strict import parse_job
from computility.model.compute_job import ComputeJob
from support.api import Answer, Api
from support.random_specs import draw_manifest
from support.samples import Manifest, collection, decode, fresh, sample_names

pytestmark = [pytest.mark.control_plane, pytest.mark.slow]

MANY = 300
JOBS = [name for name in sample_names() if name.startswith("computejob")]
OTHERS = [name for name in sample_names() if not name.startswith(("computejob", "assignment"))]
MARKET = Market(read_preset("p2"), datetime(2026, 12, 1, tzinfo=UTC))


def drawn(seed: int, name: str, namespace: str) -> Manifest:
    return fresh(draw_manifest(name, random.Random(seed)), namespace)


def read(manifest: Manifest) -> ComputeJob | None:
    """Read a job as `quote` does; None where that refuses it."""
    try:
        return parse_job(Read("document 1", manifest), "team-a", "quote")
    except CliError:
        return None


def receipt_of(job: ComputeJob) -> Any:
    """Return what placement makes of a job of team-a, to whom p2 is open."""
    of_team = msgspec.structs.replace(job.metadata, namespace="team-a")
    (quote,) = make_quotes([as_quote(msgspec.structs.replace(job, metadata=of_team))], [], MARKET)
    return msgspec.to_builtins(quote.receipt)


def store_receipt(api: Api, path: str, job: ComputeJob) -> Answer:
    return api.patch(path + "/status", {"status": {"phase": "Quoted", "receipt": receipt_of(job)}})


def test_a_job_is_read_here_as_by_the_api_server_and_what_is_taken_gets_a_receipt(
    api: Api, namespace: str
) -> None:
    taken = 0
    for seed in range(MANY):
        manifest = drawn(seed, JOBS[seed % len(JOBS)], namespace)
        made, job = api.create(collection(manifest), manifest), read(manifest)
        assert made.code in (201, 422), made.message
        assert made.is_ok == (job is not None), (seed, manifest["spec"], made.message)
        if job is not None:
            path = f"{collection(manifest)}/{manifest['metadata']['name']}"
            stored = store_receipt(api, path, job)
            assert stored.is_ok, (seed, stored.message)
            taken += 1

    assert MANY / 4 < taken < MANY


@pytest.mark.parametrize("name", OTHERS)
def test_what_the_api_server_takes_can_be_read(api: Api, namespace: str, name: str) -> None:
    answers = [
        api.create(collection(manifest), manifest)
        for seed in range(MANY // len(OTHERS))
        for manifest in [drawn(seed, name, namespace)]
    ]

    taken = [answer.body for answer in answers if answer.is_ok]
    assert taken
    assert all(decode(body).metadata.name == body["metadata"]["name"] for body in taken)
