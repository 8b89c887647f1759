"""Card models: what the network calls them, and what Kubernetes and Slurm do."""

from typing import NamedTuple


class CardModel(NamedTuple):
    """A model of accelerator card.

    Attributes:
        name: As in `spec.cardModel` of a ResourcePool.
        kubernetes: The device plugin's resource, as HAMi names it where it does.
        gres: The type in Slurm's generic resources, `gpu:<type>`.
        memory_gib: Memory of one card, in GiB.
        relative: Its nominal BF16 speed beside an A100.
    """

    name: str
    kubernetes: str
    gres: str
    memory_gib: int
    relative: float


CARD_MODELS = {
    model.name: model
    for model in (
        CardModel("nvidia-a100", "nvidia.com/gpu", "a100", 80, 1.0),
        CardModel("nvidia-a800", "nvidia.com/gpu", "a800", 80, 1.0),
        CardModel("nvidia-h100", "nvidia.com/gpu", "h100", 80, 2.4),
        CardModel("ascend-910b", "huawei.com/Ascend910B3", "910b", 64, 0.95),
        CardModel("hygon-bw1000", "hygon.com/dcunum", "bw1000", 64, 1.15),
        CardModel("hygon-k100-ai", "hygon.com/dcunum", "k100ai", 64, 0.60),
        CardModel("hygon-z100", "hygon.com/dcunum", "z100", 32, 0.30),
    )
}
"""Speeds are the assumptions of the fleet p2; a pool's own benchmark always wins over them."""
