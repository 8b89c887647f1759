"""The charts as Helm renders them, applied; and what somebody may do according to the API server."""

import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Any

import yaml

from support.api import Answer, Api

CHARTS = Path(__file__).parents[2] / "charts"
RBAC = "/apis/rbac.authorization.k8s.io/v1"
ROLES = {"ClusterRole": "clusterroles", "Role": "roles"}
BINDINGS = {"ClusterRoleBinding": "clusterrolebindings", "RoleBinding": "rolebindings"}
ADMISSION = "/apis/admissionregistration.k8s.io/v1"
POLICIES = {
    "ValidatingAdmissionPolicy": "validatingadmissionpolicies",
    "ValidatingAdmissionPolicyBinding": "validatingadmissionpolicybindings",
}
NOBODY = "system:serviceaccount:default:nobody"

Rights = dict[str, list[str]]


def render_chart(helm: Path, chart: str, namespace: str) -> list[dict[str, Any]]:
    """Render a chart's objects, without a cluster."""
    argv = [helm, "template", f"computility-{chart}", CHARTS / chart, "--namespace", namespace]
    rendered = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    return [manifest for manifest in yaml.safe_load_all(rendered) if manifest]


def apply_rendered(api: Api, manifests: list[dict[str, Any]]) -> None:
    for manifest in manifests:
        applied = api.apply(_path_of(manifest), manifest, "helm&force=true")
        assert applied.is_ok, applied.message


def _path_of(manifest: dict[str, Any]) -> str:
    name, namespace = manifest["metadata"]["name"], manifest["metadata"].get("namespace")
    where = f"/namespaces/{namespace}" if namespace else ""
    if manifest["kind"] == "ServiceAccount":
        return f"/api/v1{where}/serviceaccounts/{name}"
    if manifest["kind"] in POLICIES:
        return f"{ADMISSION}/{POLICIES[manifest['kind']]}/{name}"
    return f"{RBAC}{where}/{(ROLES | BINDINGS)[manifest['kind']]}/{name}"


def bind(api: Api, namespace: str, role: str, subject: str) -> Answer:
    """Bind a ClusterRole in a namespace to a ServiceAccount there, or to a user written `user:<name>`."""
    user = subject.removeprefix("user:")
    account = {"kind": "ServiceAccount", "name": subject, "namespace": namespace}
    binding = _binding(role, user, account if user == subject else _person(user))
    return api.create(f"{RBAC}/namespaces/{namespace}/rolebindings", binding)


def bind_everywhere(api: Api, role: str, user: str) -> Answer:
    """Bind a ClusterRole in all namespaces, and for what stands outside them, to a user."""
    return api.create(f"{RBAC}/clusterrolebindings", _binding(role, user, _person(user)))


def _binding(role: str, name: str, subject: dict[str, str]) -> dict[str, Any]:
    return {
        "metadata": {"name": f"{role}-{name}"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
        "subjects": [subject],
    }


def _person(user: str) -> dict[str, str]:
    return {"kind": "User", "name": user, "apiGroup": "rbac.authorization.k8s.io"}


def account(namespace: str, name: str) -> str:
    return f"system:serviceaccount:{namespace}:{name}"


def rights_of(api: Api, user: str, namespace: str) -> Rights:
    """Ask what a user may do in a namespace, beyond what everybody may: resource to verbs."""
    everybody = _reviewed(api, NOBODY, namespace)
    mine = {what: verbs - everybody[what] for what, verbs in _reviewed(api, user, namespace).items()}
    return {what: sorted(verbs) for what, verbs in sorted(mine.items()) if verbs}


def _reviewed(api: Api, user: str, namespace: str) -> defaultdict[str, set[str]]:
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectRulesReview",
        "spec": {"namespace": namespace},
    }
    answer = api.acting_as(user).create("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", review)
    assert answer.is_ok, answer.message
    assert not answer.body["status"]["incomplete"]
    found = defaultdict[str, set[str]](set)
    for rule in answer.body["status"]["resourceRules"]:
        for what in _named(rule):
            found[what] |= set(rule["verbs"])
    for rule in answer.body["status"]["nonResourceRules"]:
        for url in rule["nonResourceURLs"]:
            found[url] |= set(rule["verbs"])
    return found


def _named(rule: dict[str, Any]) -> list[str]:
    """Write what a rule is about: `group/resource`, with `[name]` where it holds for one name only."""
    return [
        f"{group or 'core'}/{resource}{f'[{name}]' if name else ''}"
        for group in rule.get("apiGroups", [])
        for resource in rule.get("resources", [])
        for name in rule.get("resourceNames") or [""]
    ]
