"""The chips of the preset fleets: what a pool that has them says of itself. All figures are nominal.

Memory and speeds come from `model.cards`: as published or, where nothing is, judged (K100_AI, 910B: no FP64).
"""

from typing import NamedTuple

from computility.model.base import Architecture
from computility.model.cards import CARD_MODELS
from computility.model.pool_facts import Benchmark, Measure, Precision, Toolkit

_TRAINS = (Precision.BF16, Precision.FP16, Precision.FP32, Precision.INT8)


class Chip(NamedTuple):
    """A card with the node that it sits in.

    Attributes:
        card_model: As in `spec.cardModel`.
        pool: What a centre calls its pool of them.
        architecture: Of the nodes.
        memory_gib: Of one card.
        cards_per_node: Cards of one node.
        node_memory: Memory of one node.
        precisions: What it computes in.
        toolkit: What its programs are built with.
        watts_per_card: All-in: a busy card with its part of the node, in W.
        watts_per_core: A busy core where no card is counted, in W.
        bf16, fp64, fp8: Speed beside the reference; 0 where it does not compute in that.
    """

    card_model: str
    pool: str
    architecture: Architecture
    memory_gib: int
    cards_per_node: int
    node_memory: str
    precisions: tuple[Precision, ...]
    toolkit: Toolkit
    watts_per_card: float
    watts_per_core: float
    bf16: float = 0.0
    fp64: float = 0.0
    fp8: float = 0.0

    @property
    def benchmark(self) -> tuple[Benchmark, ...]:
        """Its speed in each precision that is known, and that of one core."""
        speeds = {
            Measure.BF16: self.bf16,
            Measure.FP16: self.bf16,
            Measure.FP64: self.fp64,
            Measure.FP8: self.fp8,
            Measure.CORE: 1.0,
        }
        return tuple(Benchmark(measure=measure, relative=speed) for measure, speed in speeds.items() if speed)


def _accelerator(
    card_model: str,
    pool: str,
    toolkit: Toolkit,
    *,
    watts: float,
    architecture: Architecture = Architecture.AMD64,
    precisions: tuple[Precision, ...] = (),
) -> Chip:
    """Build a chip that comes eight to a node, with precisions beside those that all of them train in."""
    known = CARD_MODELS[card_model]
    return Chip(
        card_model=card_model,
        pool=pool,
        architecture=architecture,
        memory_gib=known.memory_gib,
        cards_per_node=8,
        node_memory="1Ti",
        precisions=_TRAINS + precisions,
        toolkit=toolkit,
        watts_per_card=watts,
        watts_per_core=4.0 if architecture is Architecture.AMD64 else 2.5,
        bf16=known.relative,
        fp64=known.fp64,
        fp8=known.fp8,
    )


_CUDA = Toolkit(name="cuda", version="12.4")
_DTK = Toolkit(name="dtk", version="25.04")
_CANN = Toolkit(name="cann", version="8.0")
_SWGCC = Toolkit(name="swgcc", version="7.1")

A100 = _accelerator("nvidia-a100", "a100", _CUDA, watts=600, precisions=(Precision.FP64, Precision.TF32))
H100 = _accelerator(
    "nvidia-h100", "h100", _CUDA,
    watts=1000, precisions=(Precision.FP64, Precision.TF32, Precision.FP8),
)  # fmt: skip
Z100 = _accelerator("hygon-z100", "z100", _DTK, watts=420, precisions=(Precision.FP64,))
K100_AI = _accelerator("hygon-k100-ai", "k100-ai", _DTK, watts=450)
BW1000 = _accelerator("hygon-bw1000", "bw1000", _DTK, watts=480, precisions=(Precision.FP64,))
ASCEND_910B = _accelerator("ascend-910b", "910b", _CANN, watts=550, architecture=Architecture.ARM64)
SW26010 = Chip(
    card_model="sunway-sw26010",
    pool="sw26010",
    architecture=Architecture.SW64,
    memory_gib=32,
    cards_per_node=1,
    node_memory="32Gi",
    precisions=(Precision.FP64, Precision.FP32),
    toolkit=_SWGCC,
    watts_per_card=300,
    watts_per_core=1.6,
    fp64=0.3,
)
"""A processor whose cores are the machine; it has no BF16, so that it is no candidate for what trains."""

ACCELERATORS = (A100, H100, Z100, K100_AI, BW1000, ASCEND_910B)
