"""What a job may ask that contradicts itself, and what it may ask beside it: for CEL and for Python alike."""

from typing import Any, NamedTuple

CARDS = {"cards": 64, "cardsPerNode": 8}
ON_CARDS = {"cardModel": "nvidia-a100", "cards": 8, "seconds": 3600}
ON_CORES = {"cores": 64, "seconds": 3600.5}

NO_WEIGHT = "spec.placement.policy custom needs a weight above 0: set weights.cost, done or carbon"
NO_PLACE = "spec.placement.latencyClass needs near: say where the round trip is counted from"
NOT_ONE_WORK = "spec.work needs exactly one of referenceCardHours, referenceCoreHours, measured and similarTo"
NOT_MEASURED = "spec.work.measured needs cardModel and cards, or cores alone"
OTHER_UNIT = (
    "spec.work is said of what the job runs on: of cards if resources.cards is above 0, else of cores"
)
OF_CARDS = "spec.requirements.precisions, cardModels and minCardMemory are of cards: set resources.cards too"


class Ask(NamedTuple):
    """What a job says beside its command, and how its refusal is worded; "": it is taken."""

    spec: dict[str, Any]
    message: str = ""


def placement(message: str = "", **fields: Any) -> Ask:
    return Ask({"placement": fields}, message)


def work(message: str = "", *, on: dict[str, Any] | None = None, **fields: Any) -> Ask:
    return Ask({"work": fields} | ({"resources": on} if on is not None else {}), message)


def requirements(message: str = "", *, on: dict[str, Any] | None = None, **fields: Any) -> Ask:
    return Ask({"requirements": fields} | ({"resources": on} if on is not None else {}), message)


ASKS = {
    "custom-without-weights": placement(NO_WEIGHT, policy="custom"),
    "custom-with-empty-weights": placement(NO_WEIGHT, policy="custom", weights={}),
    "custom-with-weights-of-nothing": placement(
        NO_WEIGHT, policy="custom", weights={"cost": 0, "done": 0.0, "carbon": 0}
    ),
    "custom-by-cost": placement(policy="custom", weights={"cost": 1}),
    "custom-by-time": placement(policy="custom", weights={"done": 0.001}),
    "custom-by-carbon": placement(policy="custom", weights={"cost": 0, "carbon": 1000}),
    "weights-of-no-use-yet": placement(policy="cheapest", weights={"cost": 0}),
    "no-policy": placement(maxPricePerCoreHour="1"),
    "latency-from-nowhere": placement(NO_PLACE, latencyClass="metro"),
    "latency-from-a-region": placement(latencyClass="metro", near="CN-SH"),
    "latency-from-a-member": placement(latencyClass="national", near="member/a-1"),
    "near-without-latency": placement(near="CN-SH"),
    "no-work-in-it": work(NOT_ONE_WORK),
    "work-by-its-bound-alone": work(NOT_ONE_WORK, bound="memoryBandwidth"),
    "work-in-cards-and-cores": work(NOT_ONE_WORK, on=CARDS, referenceCardHours=1, referenceCoreHours=1),
    "work-declared-and-measured": work(NOT_ONE_WORK, on=CARDS, referenceCardHours=1, measured=ON_CARDS),
    "work-measured-and-similar": work(NOT_ONE_WORK, measured=ON_CORES, similarTo="earlier"),
    "similar-on-cards": work(on=CARDS, similarTo="earlier"),
    "similar-on-cores": work(similarTo="earlier"),
    "work-said-three-times": work(
        NOT_ONE_WORK, on=CARDS, referenceCardHours=1, referenceCoreHours=1, measured=ON_CARDS
    ),
    "card-hours-of-cards": work(on=CARDS, referenceCardHours=1280),
    "card-hours-of-cores": work(OTHER_UNIT, referenceCardHours=1280),
    "card-hours-of-no-cards": work(OTHER_UNIT, on={"cards": 0, "tasksPerNode": 8}, referenceCardHours=1280),
    "core-hours-of-cores": work(referenceCoreHours=0.5),
    "core-hours-of-many-cores": work(on={"nodes": 4, "tasksPerNode": 8}, referenceCoreHours=1),
    "core-hours-of-cards": work(OTHER_UNIT, on=CARDS, referenceCoreHours=1),
    "measured-on-cards": work(on=CARDS, measured=ON_CARDS),
    "measured-on-cores": work(measured=ON_CORES),
    "cards-measured-on-cores": work(OTHER_UNIT, on=CARDS, measured=ON_CORES),
    "cores-measured-on-cards": work(OTHER_UNIT, measured=ON_CARDS),
    "measured-on-nothing": work(NOT_MEASURED, measured={"seconds": 60}),
    "measured-on-a-model-alone": work(NOT_MEASURED, on=CARDS, measured={"cardModel": "a", "seconds": 60}),
    "measured-on-nameless-cards": work(NOT_MEASURED, on=CARDS, measured={"cards": 8, "seconds": 60}),
    "measured-on-cards-and-cores": work(NOT_MEASURED, on=CARDS, measured=ON_CARDS | {"cores": 64}),
    "measured-on-nameless-cards-and-cores": work(NOT_MEASURED, measured=ON_CORES | {"cards": 8}),
    "precision-of-cards": requirements(on=CARDS, precisions=["fp8"]),
    "precision-of-cores": requirements(OF_CARDS, precisions=["fp64"]),
    "precision-of-no-cards": requirements(OF_CARDS, on={"nodes": 2}, precisions=["fp64"]),
    "model-of-cards": requirements(on=CARDS, cardModels=["nvidia-a100"]),
    "model-of-cores": requirements(OF_CARDS, cardModels=["nvidia-a100"]),
    "card-memory-of-cards": requirements(on=CARDS, minCardMemory="40Gi"),
    "card-memory-of-cores": requirements(OF_CARDS, minCardMemory="40Gi"),
    "toolkits-of-cores": requirements(toolkits=[{"name": "oneapi", "version": "2024.1"}]),
    "architecture-of-cores": requirements(architectures=["sw64"]),
}
