"""What the fields of a ComputeJob owe each other that say where it may go and how much work it is."""

from computility.model.rules import Rule

_HAS_CARDS = "(has(self.resources) && has(self.resources.cards) && self.resources.cards > 0)"
_IS_POSITIVE = "(has(self.weights.{0}) && self.weights.{0} > 0.0)"

ASK_RULES = (
    Rule(
        "self.policy != 'custom' || (has(self.weights) && ("
        + " || ".join(_IS_POSITIVE.format(name) for name in ("cost", "done", "carbon"))
        + "))",
        "spec.placement.policy custom needs a weight above 0: set weights.cost, done or carbon",
        ".spec.placement.weights",
        at=".spec.placement",
    ),
    Rule(
        "!has(self.latencyClass) || has(self.near)",
        "spec.placement.latencyClass needs near: say where the round trip is counted from",
        ".spec.placement.near",
        at=".spec.placement",
    ),
    Rule(
        "[has(self.referenceCardHours), has(self.referenceCoreHours), has(self.measured),"
        " has(self.similarTo)].filter(is_set, is_set).size() == 1",
        "spec.work needs exactly one of referenceCardHours, referenceCoreHours, measured and similarTo",
        at=".spec.work",
    ),
    Rule(
        "has(self.cardModel) ? self.cards > 0 && self.cores == 0 : self.cores > 0 && self.cards == 0",
        "spec.work.measured needs cardModel and cards, or cores alone",
        at=".spec.work.measured",
    ),
    Rule(
        f"!has(self.work) || ({_HAS_CARDS}"
        " ? !has(self.work.referenceCoreHours)"
        " && (!has(self.work.measured) || has(self.work.measured.cardModel))"
        " : !has(self.work.referenceCardHours)"
        " && (!has(self.work.measured) || !has(self.work.measured.cardModel)))",
        "spec.work is said of what the job runs on: of cards if resources.cards is above 0, else of cores",
        ".spec.work",
        at=".spec",
    ),
    Rule(
        "!has(self.requirements)"
        " || (!has(self.requirements.precisions) && !has(self.requirements.cardModels)"
        " && !has(self.requirements.minCardMemory))"
        f" || {_HAS_CARDS}",
        "spec.requirements.precisions, cardModels and minCardMemory are of cards: set resources.cards too",
        ".spec.requirements",
        at=".spec",
    ),
)
