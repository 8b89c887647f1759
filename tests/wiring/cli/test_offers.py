"""On a real API server: what the network offers, read with a person's own rights."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
import pytest
import yaml

from computility.lab.control_plane import ControlPlane
from computility.model.names import member_namespace
from support.api import MERGE_PATCH, Api, make_namespace
from support.cli import Run
from support.network import a_link, a_member, a_pool
from support.rights import account, bind, bind_everywhere
from support.samples import path_of
from support.team import Team

pytestmark = pytest.mark.control_plane

MEMBERS = "/apis/computility.io/v1alpha1/memberclusters"
READY = {
    "type": "Ready",
    "status": "True",
    "observedGeneration": 1,
    "lastTransitionTime": "2026-11-24T08:00:00Z",
    "reason": "LeaseRenewed",
    "message": "",
}


class Offer(NamedTuple):
    """Two members for one tenant, `cheap` and `dear`, each with the pool `cpu`."""

    cheap: str
    dear: str


@pytest.fixture
def offer(api: Api, team: Team) -> Iterator[Offer]:
    """Let two members offer a pool each, at 1 and 2 CNY for a core-hour; both are heard of."""
    names = Offer(f"cheap-{team.namespace}", f"dear-{team.namespace}")
    for name, price in zip(names, ("1", "2"), strict=True):
        _create(api, a_member(name), {"conditions": [READY]})
        make_namespace(api, member_namespace(name))
        _create(api, a_pool(name, team.namespace, price=price), {"observedAt": "2026-11-24T08:00:00Z"})
    yield names
    for name in names:
        assert api.ask("DELETE", f"{MEMBERS}/{name}").is_ok


def _create(api: Api, item: Any, status: dict[str, Any]) -> None:
    """Store an object as its owner would, and say of it what is seen."""
    kind = type(item).KIND
    manifest = {"apiVersion": kind.api_version, "kind": kind.kind} | msgspec.to_builtins(item)
    path = path_of(manifest)
    made = api.create(path.rpartition("/")[0], manifest)
    assert made.is_ok, made.message
    if status:
        said = api.ask("PATCH", f"{path}/status", {"status": status}, type_=MERGE_PATCH)
        assert said.is_ok, said.message


@pytest.fixture
def viewer(control_plane: ControlPlane, api: Api, team: Team, roles: None) -> Team:
    """A tenant who may see what the network offers, and what is offered, and nothing else."""
    accounts = f"/api/v1/namespaces/{team.namespace}/serviceaccounts"
    assert api.create(accounts, {"metadata": {"name": "viewer"}}).is_ok
    assert bind(api, team.namespace, "computility-tenant", "viewer").is_ok
    assert bind_everywhere(api, "computility-viewer", account(team.namespace, "viewer")).is_ok
    token = control_plane.admin.mint_token(team.namespace, "viewer")
    control_plane.write_kubeconfig(team.kubeconfig, token=token, namespace=team.namespace)
    return team


def test_a_viewer_finds_the_pools_that_would_take_a_job(viewer: Team, offer: Offer, run: Run) -> None:
    ran = run("pools", "find", "-o", "json")

    found = json.loads(ran.out)
    assert (ran.code, ran.err) == (0, "")
    assert [pool["member"] for pool in found["pools"]] == [offer.cheap, offer.dear]
    assert [pool["perUnitHour"] for pool in found["pools"]] == ["1", "2"]


def test_a_quote_stores_nothing(viewer: Team, offer: Offer, run: Run) -> None:
    job = yaml.safe_dump(viewer.manifest("asked", maxRunSeconds=3600))

    ran = run("quote", "-f", "-", "-o", "json", stdin=job)

    (quote,) = json.loads(ran.out)["quotes"]
    assert ran.code == 0
    assert quote["namespace"] == viewer.namespace
    assert quote["receipt"]["chosen"]["member"] == offer.cheap
    assert viewer.read("asked")["code"] == 404


def test_a_list_longer_than_a_page_is_quoted_whole(
    viewer: Team, offer: Offer, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("computility.cli.cluster.PAGE", 1)

    assert json.loads(run("pools", "find", "-o", "json").out)["fitting"] == 2


def test_why_not_tells_the_margin_and_what_speaks_against(
    viewer: Team, api: Api, offer: Offer, run: Run
) -> None:
    viewer.create("hello", maxRunSeconds=3600)
    fits = run("why-not", "hello", f"{offer.dear}/cpu")
    api.patch(f"{MEMBERS}/{offer.dear}", {"spec": {"cordon": True}})

    refused = run("why-not", "hello", f"{offer.dear}/cpu")

    assert fits.out.splitlines()[0].endswith("fits, number 2 of 2; policy cheapest")
    assert "+1.00 (+100.0 %)" in fits.out
    assert refused.out.splitlines()[0].endswith("does not fit: Cordoned")


def test_why_not_of_what_is_not_there_is_told(viewer: Team, offer: Offer, run: Run) -> None:
    viewer.create("hello")

    for arguments, told in (
        (("nobody", "cpu"), '"nobody" not found'),
        (("hello", "gpu-9"), 'a pool "gpu-9"'),
    ):
        ran = run("why-not", *arguments)

        assert ran.code == 1
        assert told in ran.err


def test_data_is_reckoned_over_the_links(viewer: Team, api: Api, offer: Offer, run: Run) -> None:
    link = a_link(f"link-{viewer.namespace}", to=f"member/{offer.dear}", gbps=8)
    _create(api, link, {})
    job = viewer.manifest("asked", data={"inputs": [{"name": "corpus", "size": "70G", "at": "CN-SH"}]})

    told = json.loads(run("quote", "-f", "-", "-o", "json", stdin=yaml.safe_dump(job)).out)["quotes"][0]

    costs = {each["member"]: each["transferSeconds"] for each in _candidates(told["receipt"])}
    assert costs[offer.dear] == 100


def _candidates(receipt: Any) -> list[Any]:
    return [receipt["chosen"], *receipt.get("runnersUp", [])]


def test_who_may_not_see_the_offers_is_told_which_role_to_ask_for(
    control_plane: ControlPlane, team: Team, run: Run
) -> None:
    token = control_plane.admin.mint_token("default", "default")
    control_plane.write_kubeconfig(team.kubeconfig, token=token, namespace=team.namespace)

    ran = run("pools", "find")

    assert ran.code == 1
    assert ran.err.startswith("cannot list the members: ")
    assert "ask for the role computility-viewer" in ran.err
