"""The pools that a centre of the lab offers: one of its nodes without cards, one of those with cards."""

from typing import Any

from computility.lab.site import CARDS_PER_NODE, Site

_LIMITS = {"maxRunSeconds": 86_400, "maxScratch": "1Gi"}


def offered_pools(site: Site) -> list[dict[str, Any]]:
    """Build the pools as an agent's configuration has them."""
    return [
        {"name": "cpu", "labels": {"computility.io/tier": "standard"}, "spec": _cpu_pool(site)},
        {"name": "gpu", "labels": {"computility.io/tier": "accelerated"}, "spec": _gpu_pool(site)},
    ]


def _cpu_pool(site: Site) -> dict[str, Any]:
    return {
        "architecture": "amd64",
        "shape": _shape(site, nodes=site.cpu_node_count),
        "limits": _LIMITS,
        "tariff": {"currency": "CNY", "perCoreHour": site.prices.core_hour},
    }


def _gpu_pool(site: Site) -> dict[str, Any]:
    prices = site.prices
    return {
        "architecture": "amd64",
        "cardModel": site.card_model,
        "shape": {**_shape(site, nodes=site.card_node_count), "cardsPerNode": CARDS_PER_NODE},
        "limits": _LIMITS,
        "tariff": {
            "currency": "CNY",
            "perCoreHour": prices.core_hour_beside_cards,
            "perCardHour": prices.card_hour,
        },
    }


def _shape(site: Site, *, nodes: int) -> dict[str, Any]:
    return {"nodes": nodes, "coresPerNode": site.cpus_per_node, "memoryPerNode": f"{site.memory_mib}Mi"}
