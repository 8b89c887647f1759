"""What a ComputeJob's fields owe each other, how big it may be, and how it may be edited."""

from computility.model.job_payload import RESERVED_ENV
from computility.model.rules import Rule, unchanged


def _payloads(of: str) -> str:
    """Write how many of command and script there are."""
    return f"((has({of}.command) && size({of}.command) > 0 ? 1 : 0) + (has({of}.script) ? 1 : 0))"


_PAYLOADS, _VARIANT_PAYLOADS = _payloads("self"), _payloads("v")

LABEL_KEY = "([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?"
"""The name of a label, with the domain that it may have before it. Both RE2 and Python read this."""

SHAPE_RULES = (
    Rule(
        f"{_PAYLOADS} == 1 || ({_PAYLOADS} == 0 && has(self.variants) && size(self.variants) > 0)",
        "spec.template needs exactly one of command and script, or none if it has variants",
        at=".spec.template",
    ),
    Rule(
        "(has(self.command) && size(self.command) > 0) || has(self.script)"
        f" || !has(self.variants) || self.variants.all(v, {_VARIANT_PAYLOADS} == 1)",
        "spec.template.variants need a command or a script each where spec.template has none of its own",
        ".spec.template.variants",
        at=".spec.template",
    ),
    Rule(
        "!has(self.mpi) || (has(self.launcher) && self.launcher == 'mpi')",
        "spec.template.mpi is for the launcher mpi: set that too, or leave it out",
        ".spec.template.mpi",
        at=".spec.template",
    ),
    Rule(
        f"self.all(v, {_VARIANT_PAYLOADS} <= 1)",
        "spec.template.variants may have a command or a script each, not both",
        at=".spec.template.variants",
    ),
    Rule(
        f"self.all(v, !has(v.env) || v.env.all(e, !e.name.matches('^{RESERVED_ENV}$')))",
        "spec.template.variants has an env name that belongs to the loader, the shell or the scheduler:"
        " leave it out",
        at=".spec.template.variants",
    ),
    Rule(
        f"self.all(e, !e.name.matches('^{RESERVED_ENV}$'))",
        "spec.template.env has a name that belongs to the loader, the shell or the scheduler: leave it out",
        at=".spec.template.env",
    ),
    Rule(
        "self.all(a, !self.exists(b, b.path.startsWith(a.path + '/')))",
        "spec.template.files has a path that is a file and a folder at once: rename one of them",
        at=".spec.template.files",
    ),
    Rule(
        "!has(self.cardsPerNode)"
        " || (has(self.cards) && self.cards > 0 && self.cards % self.cardsPerNode == 0)",
        "spec.resources.cards must be a multiple of cardsPerNode, and above 0",
        ".spec.resources.cards",
        at=".spec.resources",
    ),
    Rule(
        "!has(self.nodes) || !has(self.cards) || self.cards == 0 || (has(self.cardsPerNode)"
        " ? self.cards == self.nodes * self.cardsPerNode : self.cards % self.nodes == 0)",
        "spec.resources.nodes must be cards over cardsPerNode, or divide cards:"
        " leave it out to have it reckoned",
        ".spec.resources.nodes",
        at=".spec.resources",
    ),
    Rule(
        f"self.all(key, size(key) <= 317 && key.matches('^{LABEL_KEY}$'))",
        "a key of spec.placement.poolSelector.matchLabels is no label's name: use letters, digits, '-', '_'"
        " and '.', a letter or digit first and last, behind a domain and '/' or without",
        at=".spec.placement.poolSelector.matchLabels",
    ),
)


def _bytes_at_most(limit: int, text: str) -> str:
    """Write that the texts of a list (`text` of each item `x`) have at most `limit` bytes."""
    return f"self.map(x, size(bytes({text}))).sum() <= {limit}"


# A job is stored whole, and once more inside its Assignment; etcd takes 1.5 MiB for an object. Each field's
# own bound is what the payload's operating system takes; all of them together have to fit as well.
SIZE_RULES = (
    Rule(
        _bytes_at_most(262_144, "has(x.content) ? x.content : ''"),
        "spec.template.files may have 262144 bytes of content in all: keep bigger ones at the centre",
        at=".spec.template.files",
    ),
    Rule(
        _bytes_at_most(65_536, "has(x.value) ? x.value : ''"),
        "spec.template.env may have 65536 bytes of values in all: put more into a file",
        at=".spec.template.env",
    ),
    Rule(
        _bytes_at_most(65_536, "x"),
        "spec.template.command may have 65536 bytes in all: put more into a file",
        at=".spec.template.command",
    ),
    Rule(
        "self.map(v, (has(v.script) ? size(bytes(v.script)) : 0)"
        " + (has(v.command) ? v.command.map(x, size(bytes(x))).sum() : 0)"
        " + (has(v.env) ? v.env.map(x, has(x.value) ? size(bytes(x.value)) : 0).sum() : 0)).sum() <= 131072",
        "spec.template.variants may have 131072 bytes of script, command and values in all:"
        " put more into a file",
        at=".spec.template.variants",
    ),
)

_NOT_YET_PLACED = (
    "!has(oldSelf.status) || !has(oldSelf.status.lastOrdinal) || oldSelf.status.lastOrdinal == 0"
)

_FIXED = (
    "template", "resources", "requirements", "work", "data", "maxRunSeconds", "dependsOn", "array", "retry",
    "managedBy",
)  # fmt: skip

EDIT_RULES = (
    Rule(
        "self == oldSelf || (" + unchanged(*_FIXED) + ")",
        "spec.template, resources, requirements, work, data, maxRunSeconds, dependsOn, array, retry and"
        " managedBy cannot change: make a new job",
        at=".spec",
    ),
    Rule(
        "!oldSelf || self",
        "spec.cancel goes from false to true and never back: make a new job",
        at=".spec.cancel",
    ),
    Rule(
        f"{_NOT_YET_PLACED} || ({unchanged('placement', 'deadline', 'failover', of='spec.')})",
        "spec.placement, deadline and failover cannot change once the job has been placed: make a new job",
        ".spec.placement",
    ),
    Rule(
        "!has(oldSelf.lastOrdinal) || oldSelf.lastOrdinal == 0"
        " || (has(self.lastOrdinal) && self.lastOrdinal >= oldSelf.lastOrdinal)",
        "status.lastOrdinal never falls: an attempt's number is never used again",
        ".status.lastOrdinal",
        at=".status",
    ),
)
