"""ComputeJob: what a user wants run, and what became of it."""

from typing import ClassVar

import msgspec

from computility.model.base import Value
from computility.model.job_ask_rules import ASK_RULES
from computility.model.job_form import Form, choose_form
from computility.model.job_order import After, Dependency
from computility.model.job_payload import Argument, Command, EnvName, EnvVar, Script
from computility.model.job_placement import (
    LatencyClass,
    Mode,
    PlacementSpec,
    Policy,
    PoolSelector,
    Requirements,
    Weights,
)
from computility.model.job_repeats import ArraySpec, Failover, OnMemberLost, Retry
from computility.model.job_rules import EDIT_RULES, SHAPE_RULES, SIZE_RULES
from computility.model.job_spec import (
    MANAGED_BY_US,
    ComputeJobSpec,
    File,
    Launcher,
    Resources,
    Template,
)
from computility.model.job_status import Allocated, Attempt, AttemptState, ComputeJobStatus, Phase
from computility.model.job_variant import Variant, VariantVar
from computility.model.job_work import DataInput, JobData, Measured, Work
from computility.model.meta import Column, Kind, ObjectMeta
from computility.model.receipt import (
    Actual,
    AmountRange,
    Candidate,
    PoolRef,
    Receipt,
    Rejection,
    SecondsRange,
    Share,
)

__all__ = [
    "MANAGED_BY_US",
    "Actual",
    "After",
    "Allocated",
    "AmountRange",
    "Argument",
    "ArraySpec",
    "Attempt",
    "AttemptState",
    "Candidate",
    "Command",
    "ComputeJob",
    "ComputeJobSpec",
    "ComputeJobStatus",
    "DataInput",
    "Dependency",
    "EnvName",
    "EnvVar",
    "Failover",
    "File",
    "Form",
    "JobData",
    "LatencyClass",
    "Launcher",
    "Measured",
    "Mode",
    "OnMemberLost",
    "Phase",
    "PlacementSpec",
    "Policy",
    "PoolRef",
    "PoolSelector",
    "Receipt",
    "Rejection",
    "Requirements",
    "Resources",
    "Retry",
    "Script",
    "SecondsRange",
    "Share",
    "Template",
    "Variant",
    "VariantVar",
    "Weights",
    "Work",
    "choose_form",
]


class ComputeJob(Value, frozen=True, kw_only=True):
    """What a user wants run."""

    KIND: ClassVar = Kind(
        kind="ComputeJob",
        plural="computejobs",
        short_name="cjob",
        namespaced=True,
        description=(
            "What a user wants run and how to place it; in status where it went, why, and what became of it."
        ),
        columns=(
            Column("Phase", "string", ".status.phase"),
            Column("Member", "string", ".status.receipt.chosen.member"),
            Column("Pool", "string", ".status.receipt.chosen.pool"),
            Column("Exit", "integer", ".status.exitCode"),
            Column("Cost", "string", ".status.receipt.actual.cost"),
            Column("Reason", "string", ".status.reason"),
            Column("Age", "date", ".metadata.creationTimestamp"),
            Column("Indices", "integer", ".spec.array.size", wide=True),
            Column("Done", "integer", ".status.counts.succeeded", wide=True),
            Column("Native-ID", "string", ".status.attempts[-1:].nativeID", wide=True),
            Column("Message", "string", ".status.message", wide=True),
        ),
        rules=(*SHAPE_RULES, *ASK_RULES, *SIZE_RULES, *EDIT_RULES),
    )

    metadata: ObjectMeta = ObjectMeta()
    spec: ComputeJobSpec = msgspec.field()
    status: ComputeJobStatus = ComputeJobStatus()

    @property
    def is_ours(self) -> bool:
        """Whether it is for the hub: what is for another controller is left alone, entirely."""
        return self.spec.managed_by in (None, MANAGED_BY_US)

    @property
    def has_ended(self) -> bool:
        """Whether nothing of it will ever run again."""
        return self.status.phase is not None and self.status.phase.is_terminal

    @property
    def wants_cancel(self) -> bool:
        """Whether the user asked for the end, by `cancel` or by deleting."""
        return self.spec.cancel or self.metadata.deletion_timestamp is not None

    @property
    def wants_stop(self) -> bool:
        """Whether nothing of it is to run now: it was cancelled, deleted or suspended."""
        return self.wants_cancel or self.spec.suspend
