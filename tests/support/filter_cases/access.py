"""Who may use a pool, and whether it is open now."""

from computility.model.job_placement import PoolSelector
from computility.model.pool_facts import Taint, Toleration
from computility.model.reasons import Reason
from computility.model.resource_pool import ResourcePoolStatus
from support.builders import NOON, seconds
from support.filter_cases.case import Case, placed

WHO_MAY = (
    Case("acceptance", Reason.NOT_ACCEPTED, refused={"accepted": False}),
    Case("access", Reason.ACCESS, refused={"namespaces": ("team-b",)}, wanted="team-a"),
    Case(
        "another-label",
        Reason.SELECTOR,
        wish=placed(pool_selector=PoolSelector(match_labels={"tier": "gold"})),
        refused={"labels": {"tier": "tin"}},
        taken={"labels": {"tier": "gold", "age": "new"}},
        wanted="tier=gold",
        found="tier=tin",
    ),
    Case(
        "no-label",
        Reason.SELECTOR,
        wish=placed(pool_selector=PoolSelector(match_labels={"tier": "gold"})),
        refused={"labels": {"age": "new"}},
        taken={"labels": {"tier": "gold"}},
        wanted="tier=gold",
        found="no tier",
    ),
    Case(
        "region",
        Reason.REGION,
        wish=placed(pool_selector=PoolSelector(regions=("CN-SH", "CN-JS"))),
        refused={"region": "CN-GS"},
        taken={"region": "CN-JS"},
        wanted="CN-SH,CN-JS",
        found="CN-GS",
    ),
    Case(
        "region-unknown",
        Reason.REGION,
        wish=placed(pool_selector=PoolSelector(regions=("CN-SH",))),
        refused={"region": ""},
        wanted="CN-SH",
        found="unknown",
    ),
    Case(
        "exclusion",
        Reason.EXCLUDED,
        wish=placed(pool_selector=PoolSelector(exclude=("alpha",))),
        refused={"member": "alpha"},
        taken={"member": "beta"},
    ),
    Case(
        "taint",
        Reason.TAINTED,
        wish=placed(tolerations=(Toleration(key="new"), Toleration(key="old", value="very"))),
        refused={"taints": (Taint(key="new"), Taint(key="old", value="rather"))},
        taken={"taints": (Taint(key="new", value="any"), Taint(key="old", value="very"))},
        wanted="no taint but tolerated ones",
        found="old",
    ),
)
WHETHER_NOW = (
    Case("cpid", Reason.CPID_CONFLICT, refused={"closed": Reason.CPID_CONFLICT}),
    Case("leaving", Reason.MEMBER_LEAVING, refused={"closed": Reason.MEMBER_LEAVING}),
    Case("cordon", Reason.CORDONED, refused={"closed": Reason.CORDONED}),
    Case("never-seen", Reason.NO_STATUS, refused={"status": ResourcePoolStatus()}),
    Case(
        "stale",
        Reason.STALE,
        refused={"valid_seconds": 600, "status": ResourcePoolStatus(observed_at=NOON - seconds(601))},
        taken={"valid_seconds": 600, "status": ResourcePoolStatus(observed_at=NOON - seconds(600))},
        wanted="what is still valid",
        found="601 s old, valid for 600 s",
    ),
    Case(
        "clock-that-is-ahead",
        Reason.STALE,
        refused={"valid_seconds": 600, "status": ResourcePoolStatus(observed_at=NOON + seconds(601))},
        taken={"valid_seconds": 600, "status": ResourcePoolStatus(observed_at=NOON + seconds(600))},
        wanted="what is still valid",
        found="601 s ahead, valid for 600 s",
    ),
    Case("silence", Reason.MEMBER_SILENT, refused={"silent": True}),
)
