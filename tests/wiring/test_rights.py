"""On a real API server: what each account of ours may do is what rights.yaml says, and not a verb more."""

import time
import uuid
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from support.api import JSON, MERGE_PATCH, Api, make_namespace
from support.rights import (
    BINDINGS,
    RBAC,
    ROLES,
    Rights,
    account,
    apply_rendered,
    bind,
    bind_everywhere,
    render_chart,
    rights_of,
)
from support.samples import Manifest, collection, fresh, path_of, sample

pytestmark = pytest.mark.control_plane

SNAPSHOT = yaml.safe_load(Path(__file__).with_name("rights.yaml").read_text())
SYSTEM = "computility-system"
CONFLICT = 409
HUB = account(SYSTEM, "computility-hub")
LEASES = "/apis/coordination.k8s.io/v1/namespaces/{}/leases"


class Network(NamedTuple):
    """Two members and a tenant, with everybody bound as the hub and the platform team bind them."""

    api: Api
    member: str
    other: str
    team: str

    @property
    def namespaces(self) -> dict[str, str]:
        return {"system": SYSTEM, "member-a": self.member, "member-b": self.other, "team": self.team}

    @property
    def people(self) -> dict[str, str]:
        return {
            "hub": HUB,
            "agent": account(self.member, "computility-agent"),
            "join": account(self.member, "computility-join"),
            "tenant": "alice",
            "viewer": "victor",
            "job-viewer": "vera",
        }

    def acting_as(self, who: str) -> Api:
        return self.api.acting_as(self.people[who])


@pytest.fixture(scope="session")
def network(api: Api, tools: Any) -> Network:
    """Render and apply the hub's chart, then let the hub itself make two members' accounts."""
    run = uuid.uuid4().hex[:8]
    api.create("/api/v1/namespaces", {"metadata": {"name": SYSTEM}})
    apply_rendered(api, render_chart(tools["helm"], "hub", SYSTEM))
    members = [join_member(api.acting_as(HUB), f"member-{which}-{run}") for which in "ab"]
    team = make_namespace(api, f"team-{run}")
    assert bind(api, team, "computility-tenant", "user:alice").is_ok
    assert bind(api, team, "computility-job-viewer", "user:vera").is_ok
    everywhere = bind_everywhere(api, "computility-viewer", "victor")
    assert everywhere.is_ok or everywhere.code == CONFLICT, "another worker's tests have made it"
    return Network(api, *members, team)


def join_member(hub: Api, namespace: str) -> str:
    """Do what the hub does for a member that it accepts, as the hub."""
    make_namespace(hub, namespace)
    for name in ("computility-join", "computility-agent"):
        made = hub.create(f"/api/v1/namespaces/{namespace}/serviceaccounts", {"metadata": {"name": name}})
        assert made.is_ok, made.message
        bound = bind(hub, namespace, name, name)
        assert bound.is_ok, bound.message
    return namespace


@pytest.mark.parametrize("who", SNAPSHOT)
def test_an_account_may_do_what_the_snapshot_says_and_nothing_else(network: Network, who: str) -> None:
    found = {
        where: rights_of(network.api, network.people[who], namespace)
        for where, namespace in network.namespaces.items()
    }

    assert by_place(found) == SNAPSHOT[who], "change tests/wiring/rights.yaml only with a reason"


def by_place(found: dict[str, Rights]) -> dict[str, Rights]:
    """Say once, under `everywhere`, what somebody may do in each of the namespaces."""
    first, *others = found.values()
    everywhere = {what: verbs for what, verbs in first.items() if all(o.get(what) == verbs for o in others)}
    places = {
        where: {what: verbs for what, verbs in rights.items() if what not in everywhere}
        for where, rights in found.items()
    }
    return {where: rights for where, rights in ({"everywhere": everywhere} | places).items() if rights}


def test_nobody_else_is_known_to_the_snapshot(network: Network) -> None:
    assert network.people.keys() == SNAPSHOT.keys()


def test_every_role_that_the_hubs_chart_makes_is_looked_at_here(tools: Any) -> None:
    rendered = render_chart(tools["helm"], "hub", SYSTEM)
    roles = {(found["kind"], found["metadata"]["name"]) for found in rendered if found["kind"] in ROLES}

    assert roles == {
        ("ClusterRole", "computility-hub"),
        ("Role", "computility-hub"),
        ("ClusterRole", "computility-agent"),
        ("ClusterRole", "computility-join"),
        ("ClusterRole", "computility-tenant"),
        ("ClusterRole", "computility-viewer"),
        ("ClusterRole", "computility-job-viewer"),
    }


def test_the_hubs_chart_binds_the_hub_and_nobody_else(tools: Any) -> None:
    rendered = render_chart(tools["helm"], "hub", SYSTEM)
    bindings = [found for found in rendered if found["kind"] in BINDINGS]
    subjects = {
        (subject["namespace"], subject["name"]) for found in bindings for subject in found["subjects"]
    }

    assert subjects == {(SYSTEM, "computility-hub")}


def test_a_members_chart_grants_nothing_on_the_centres_own_cluster(tools: Any) -> None:
    rendered = render_chart(tools["helm"], "member", "computility")

    assert [found["kind"] for found in rendered] == ["ServiceAccount"]
    assert rendered[0]["automountServiceAccountToken"] is False


class Try(NamedTuple):
    """A request that has to be refused; `{member}`, `{other}` and `{team}` stand for the namespaces."""

    who: str
    method: str
    path: str
    body: object = None


GROUP = "/apis/computility.io/v1alpha1"
API = GROUP + "/namespaces/{member}"
TEAM = GROUP + "/namespaces/{team}"
TOKEN = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
ACCOUNTS = "/api/v1/namespaces/{member}/serviceaccounts"
FORBIDDEN = {
    "hub-reads-secrets": Try("hub", "GET", "/api/v1/namespaces/{member}/secrets"),
    "hub-makes-a-secret": Try("hub", "POST", "/api/v1/secrets", {"metadata": {"name": "s"}}),
    "hub-mints-a-token": Try("hub", "POST", f"{ACCOUNTS}/computility-agent/token", TOKEN),
    "hub-makes-a-role": Try("hub", "POST", f"{RBAC}/clusterroles", {"metadata": {"name": "mine"}}),
    "hub-edits-a-job": Try("hub", "PATCH", f"{TEAM}/computejobs/j", {}),
    "hub-relabels-a-namespace": Try("hub", "PATCH", "/api/v1/namespaces/{team}", {}),
    "hub-takes-another-lease": Try("hub", "PATCH", f"{LEASES.format('kube-system')}/kube-scheduler", {}),
    "hub-deletes-a-member": Try("hub", "DELETE", f"{GROUP}/memberclusters/m"),
    "hub-writes-a-link": Try("hub", "PATCH", f"{GROUP}/datalinks/l", {"spec": {"gbps": 1}}),
    "agent-reads-links": Try("agent", "GET", f"{GROUP}/datalinks"),
    "agent-reads-another-member": Try("agent", "GET", GROUP + "/namespaces/{other}/assignments"),
    "agent-reads-every-member": Try("agent", "GET", f"{GROUP}/assignments"),
    "agent-reads-a-tenant": Try("agent", "GET", f"{TEAM}/computejobs"),
    "agent-edits-its-order": Try("agent", "PATCH", f"{API}/assignments/a", {"spec": {"desired": "Run"}}),
    "agent-makes-an-order": Try("agent", "POST", f"{API}/assignments", {}),
    "agent-deletes-an-order": Try("agent", "DELETE", f"{API}/assignments/a"),
    "agent-removes-a-pool": Try("agent", "DELETE", f"{API}/resourcepools/p"),
    "agent-renews-for-another": Try("agent", "PATCH", f"{LEASES.format('{other}')}/computility-agent", {}),
    "agent-posts-any-lease": Try("agent", "POST", LEASES.format("{member}"), {"metadata": {"name": "mine"}}),
    "agent-mints-a-token": Try("agent", "POST", f"{ACCOUNTS}/computility-agent/token", TOKEN),
    "join-reads-orders": Try("join", "GET", f"{API}/assignments"),
    "join-mints-another-token": Try("join", "POST", f"{ACCOUNTS}/default/token", TOKEN),
    "join-mints-elsewhere": Try(
        "join", "POST", "/api/v1/namespaces/{other}/serviceaccounts/computility-agent/token", TOKEN
    ),
    "tenant-writes-a-status": Try("tenant", "PATCH", f"{TEAM}/computejobs/j/status", {}),
    "tenant-makes-an-order": Try("tenant", "POST", f"{API}/assignments", {}),
    "tenant-reads-members": Try("tenant", "GET", f"{GROUP}/memberclusters"),
    "viewer-makes-a-job": Try("viewer", "POST", f"{TEAM}/computejobs", {}),
    "viewer-reads-a-tenant": Try("viewer", "GET", f"{TEAM}/computejobs"),
    "viewer-reads-orders": Try("viewer", "GET", f"{API}/assignments"),
    "viewer-writes-a-link": Try("viewer", "POST", f"{GROUP}/datalinks", {}),
    "job-viewer-makes-a-job": Try("job-viewer", "POST", f"{TEAM}/computejobs", {}),
}


@pytest.mark.parametrize("refused", [pytest.param(refused, id=name) for name, refused in FORBIDDEN.items()])
def test_what_an_account_must_never_do_is_refused(network: Network, refused: Try) -> None:
    path = refused.path.format(member=network.member, other=network.other, team=network.team)
    type_ = MERGE_PATCH if refused.method == "PATCH" else JSON

    answer = network.acting_as(refused.who).ask(refused.method, path, refused.body, type_=type_)

    assert answer.code == 403, answer
    assert "is forbidden: User" in answer.message


GUARDED = {
    "hub-deletes-a-tenant": Try("hub", "DELETE", "/api/v1/namespaces/{team}"),
    "hub-deletes-a-tenants-account": Try(
        "hub", "DELETE", "/api/v1/namespaces/{team}/serviceaccounts/default"
    ),
    "hub-makes-a-tenant": Try("hub", "POST", "/api/v1/namespaces", {"metadata": {"name": "team-of-the-hub"}}),
    "hub-accepts-a-member": Try("hub", "PATCH", "{cluster}", {"spec": {"accepted": True}}),
    "hub-relabels-a-member": Try("hub", "PATCH", "{cluster}", {"metadata": {"labels": {"tier": "gold"}}}),
}


@pytest.fixture(scope="session")
def cluster(network: Network) -> str:
    """The path of a MemberCluster that nobody has accepted, as the hub has once looked at it."""
    member = fresh(sample("membercluster-minimal"), network.member)
    assert network.api.create(collection(member), member).is_ok
    wait_for_the_guard(network)
    return path_of(member)


def wait_for_the_guard(network: Network) -> None:
    """The API server takes a policy up some moments after it was made."""
    probe, deadline = GUARDED["hub-deletes-a-tenant"], time.monotonic() + 30
    path = probe.path.format(team=network.team) + "?dryRun=All"
    while network.acting_as("hub").ask("DELETE", path).code != 403:
        assert time.monotonic() < deadline, "the guard is not in force after 30 s"
        time.sleep(0.1)


@pytest.mark.parametrize("refused", [pytest.param(refused, id=name) for name, refused in GUARDED.items()])
def test_what_rbac_cannot_keep_the_hub_from_its_guard_does(
    network: Network, cluster: str, refused: Try
) -> None:
    path = refused.path.format(team=network.team, cluster=cluster)
    type_ = MERGE_PATCH if refused.method == "PATCH" else JSON

    answer = network.acting_as("hub").ask(refused.method, path, refused.body, type_=type_)

    assert answer.code == 403, answer
    assert "computility-hub-guard" in answer.message


def test_the_guard_leaves_the_hub_its_finalizer_and_other_people_everything(
    network: Network, cluster: str
) -> None:
    held = network.acting_as("hub").patch(cluster, {"metadata": {"finalizers": ["computility.io/member"]}})
    accepted = network.api.patch(cluster, {"spec": {"accepted": True}})

    assert held.is_ok, held.message
    assert accepted.is_ok, accepted.message


@pytest.mark.parametrize("role", ["cluster-admin", "edit", "computility-tenant"])
def test_the_hub_can_bind_no_right_that_it_does_not_hold_but_a_members(network: Network, role: str) -> None:
    """A role that holds no more than the hub itself it could bind: Kubernetes sees no escalation in that."""
    assert bind(network.acting_as("hub"), network.member, role, "computility-agent").code == 403


def lease(namespace: str, holder: str) -> Manifest:
    return {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": "computility-agent", "namespace": namespace},
        "spec": {"holderIdentity": holder, "leaseDurationSeconds": 60},
    }


def test_of_two_agents_that_make_the_lease_at_once_one_gets_a_conflict(network: Network) -> None:
    agent = network.acting_as("agent")
    path = f"{LEASES.format(network.member)}/computility-agent"

    assert agent.apply(path, lease(network.member, "one"), "lease-one").code == 201
    assert agent.apply(path, lease(network.member, "two"), "lease-two").code == 409
    assert agent.patch(path, {"spec": {"leaseDurationSeconds": 30}}).is_ok


def test_an_agent_can_make_no_lease_but_its_own(network: Network) -> None:
    other = {**lease(network.member, "one"), "metadata": {"name": "mine", "namespace": network.member}}

    refusal = network.acting_as("agent").apply(f"{LEASES.format(network.member)}/mine", other, "lease-one")

    assert refusal.code == 403


def test_a_token_that_join_mints_is_the_agents(network: Network, control_plane: Any) -> None:
    minted = network.acting_as("join").create(
        f"/api/v1/namespaces/{network.member}/serviceaccounts/computility-agent/token", TOKEN
    )
    assert minted.is_ok, minted.message
    agent = Api(control_plane.url, control_plane.ca_file, minted.body["status"]["token"])

    assert agent.get(f"{GROUP}/namespaces/{network.member}/assignments").is_ok
    assert agent.get(f"{GROUP}/namespaces/{network.other}/assignments").code == 403


def test_an_agent_reports_on_what_the_hub_gave_it(network: Network) -> None:
    order = fresh(sample("assignment-minimal"), network.member)
    assert network.acting_as("hub").create(collection(order), order).is_ok

    reported = network.acting_as("agent").patch(f"{path_of(order)}/status", {"status": {"state": "Held"}})

    assert reported.is_ok, reported.message
    assert network.acting_as("hub").patch(path_of(order), {"spec": {"desired": "Cancel"}}).is_ok
    assert network.acting_as("hub").ask("DELETE", path_of(order)).is_ok
