"""What a ComputeJob's fields owe each other, how big it may be, and how it may be edited."""

from computility.model.job_spec import RESERVED_ENV
from computility.model.rules import Rule, one_way, unchanged

SHAPE_RULES = (
    Rule(
        "(has(self.spec.template.command) && size(self.spec.template.command) > 0)"
        " != has(self.spec.template.script)",
        "spec.template needs exactly one of command and script",
        ".spec.template",
    ),
    Rule(
        f"!has(self.spec.template.env) || self.spec.template.env.all(e, !e.name.matches('^{RESERVED_ENV}$'))",
        "spec.template.env has a name that belongs to the loader, the shell or the scheduler: leave it out",
        ".spec.template.env",
    ),
    Rule(
        "!has(self.spec.template.files) || self.spec.template.files.all(a,"
        " !self.spec.template.files.exists(b, b.path.startsWith(a.path + '/')))",
        "spec.template.files has a path that is a file and a folder at once: rename one of them",
        ".spec.template.files",
    ),
    Rule(
        "!has(self.spec.resources) || !has(self.spec.resources.cardsPerNode)"
        " || (has(self.spec.resources.cards) && self.spec.resources.cards > 0"
        " && self.spec.resources.cards % self.spec.resources.cardsPerNode == 0)",
        "spec.resources.cards must be a multiple of cardsPerNode, and above 0",
        ".spec.resources.cards",
    ),
    Rule(
        "!has(self.spec.resources) || !has(self.spec.resources.nodes) || !has(self.spec.resources.cards)"
        " || self.spec.resources.cards == 0 || (has(self.spec.resources.cardsPerNode)"
        " ? self.spec.resources.cards == self.spec.resources.nodes * self.spec.resources.cardsPerNode"
        " : self.spec.resources.cards % self.spec.resources.nodes == 0)",
        "spec.resources.nodes must be cards over cardsPerNode, or divide cards:"
        " leave it out to have it reckoned",
        ".spec.resources.nodes",
    ),
)


def _bytes_at_most(limit: int, field: str, text: str) -> str:
    """Write that the texts of a list of the template (`text` of each item `x`) have at most `limit` bytes."""
    path = f"self.spec.template.{field}"
    return f"!has({path}) || {path}.map(x, size(bytes({text}))).sum() <= {limit}"


# A job is stored whole, and once more inside its Assignment; etcd takes 1.5 MiB for an object. Each field's
# own bound is what the payload's operating system takes; all of them together have to fit as well.
SIZE_RULES = (
    Rule(
        _bytes_at_most(262_144, "files", "has(x.content) ? x.content : ''"),
        "spec.template.files may have 262144 bytes of content in all: keep bigger ones at the centre",
        ".spec.template.files",
    ),
    Rule(
        _bytes_at_most(65_536, "env", "has(x.value) ? x.value : ''"),
        "spec.template.env may have 65536 bytes of values in all: put more into a file",
        ".spec.template.env",
    ),
    Rule(
        _bytes_at_most(65_536, "command", "x"),
        "spec.template.command may have 65536 bytes in all: put more into a file",
        ".spec.template.command",
    ),
    Rule(
        "!has(self.spec.placement) || !has(self.spec.placement.poolSelector)"
        " || !has(self.spec.placement.poolSelector.matchLabels)"
        " || self.spec.placement.poolSelector.matchLabels.all(key, size(key) <= 317)",
        "a key of spec.placement.poolSelector.matchLabels may have 317 characters",
        ".spec.placement.poolSelector.matchLabels",
    ),
)

_NOT_YET_PLACED = (
    "!has(oldSelf.status) || !has(oldSelf.status.lastOrdinal) || oldSelf.status.lastOrdinal == 0"
)

EDIT_RULES = (
    Rule(
        unchanged("template", "resources", "requirements", "maxRunSeconds", "array", "retry", "managedBy"),
        "spec.template, resources, requirements, maxRunSeconds, array, retry and managedBy cannot change:"
        " make a new job",
        ".spec",
    ),
    Rule(
        one_way("cancel", "true"),
        "spec.cancel goes from false to true and never back: make a new job",
        ".spec.cancel",
    ),
    Rule(
        f"{_NOT_YET_PLACED} || ({unchanged('placement', 'failover')})",
        "spec.placement and failover cannot change once the job has been placed: make a new job",
        ".spec.placement",
    ),
    Rule(
        f"{_NOT_YET_PLACED} || (has(self.status) && has(self.status.lastOrdinal)"
        " && self.status.lastOrdinal >= oldSelf.status.lastOrdinal)",
        "status.lastOrdinal never falls: an attempt's number is never used again",
        ".status.lastOrdinal",
    ),
)
