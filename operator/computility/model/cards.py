"""Card models: what the network calls them, and what Kubernetes and Slurm do."""

from typing import NamedTuple

from computility.model.pool_facts import Measure

REFERENCE = "nvidia-a100"


class CardModel(NamedTuple):
    """A model of accelerator card.

    Attributes:
        name: As in `spec.cardModel` of a ResourcePool.
        kubernetes: The device plugin's resource, as HAMi names it where it does.
        gres: The type in Slurm's generic resources, `gpu:<type>`.
        memory_gib: Memory of one card, in GiB.
        relative: Its nominal BF16 speed beside an A100; FP16 goes as fast on each of them.
        fp64: Its FP64 speed beside the A100's 9.7 TFLOPS, 0 where it is not known.
        fp8: Its FP8 speed beside the A100's BF16, likewise.
    """

    name: str
    kubernetes: str
    gres: str
    memory_gib: int
    relative: float
    fp64: float = 0.0
    fp8: float = 0.0

    def speed(self, measure: Measure) -> float | None:
        """Return its nominal speed beside an A100 by one measure; None where it is not known."""
        if self.name == REFERENCE:
            return 1.0
        known = {
            Measure.BF16: self.relative,
            Measure.FP16: self.relative,
            Measure.FP64: self.fp64,
            Measure.FP8: self.fp8,
        }
        return known.get(measure) or None


CARD_MODELS = {
    model.name: model
    for model in (
        CardModel("nvidia-a100", "nvidia.com/gpu", "a100", 80, 1.0, fp64=1.0),
        CardModel("nvidia-a800", "nvidia.com/gpu", "a800", 80, 1.0, fp64=1.0),
        CardModel("nvidia-h100", "nvidia.com/gpu", "h100", 80, 2.4, fp64=3.5, fp8=4.8),
        CardModel("ascend-910b", "huawei.com/Ascend910B3", "910b", 64, 0.95),
        CardModel("hygon-bw1000", "hygon.com/dcunum", "bw1000", 64, 1.15, fp64=3.1),
        CardModel("hygon-k100-ai", "hygon.com/dcunum", "k100ai", 64, 0.60),
        CardModel("hygon-z100", "hygon.com/dcunum", "z100", 32, 0.30, fp64=1.1),
    )
}
"""Speeds are the assumptions of the fleet p2; a pool's own benchmark always wins over them."""
