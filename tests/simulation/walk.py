"""Walk many seeds and sum up what happened on the way."""

import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from simulation.api import Violation
from simulation.world import ALL_RULES, FAULTS, Rules, World

KEPT = Path(__file__).with_name("failed_seeds.txt")


@dataclass
class Figures:
    """What a walk over many seeds came to."""

    seeds: int = 0
    steps: int = 0
    seconds: float = 0.0
    mix: Counter[str] = field(default_factory=Counter)
    writes: Counter[str] = field(default_factory=Counter)
    phases: Counter[str] = field(default_factory=Counter)
    starts: int = 0

    @property
    def faults(self) -> int:
        return sum(self.mix[name] for name in FAULTS)

    def add(self, world: World) -> None:
        self.seeds += 1
        self.steps += sum(world.taken.values())
        self.mix.update(world.taken)
        self.writes.update(world.api.writes)
        self.phases.update(s.phase.value if s.phase else "unseen" for s in world.seen.values())
        self.starts += sum(len(a.centre.starts) for a in world.agents)


def walk(seeds: Iterable[int], rules: Rules = ALL_RULES) -> Figures:
    """Run every seed to its healed end.

    Raises:
        Violation: Promises were broken: the message names every seed that broke one, and which.
    """
    figures, began = Figures(), time.perf_counter()
    broken: dict[int, str] = {}
    for seed in seeds:
        world = World(seed, rules)
        try:
            world.run()
            figures.add(world)
            world.make_assignments_again()
        except Violation as violation:
            broken[seed] = str(violation)
    figures.seconds = time.perf_counter() - began
    if broken:
        keep(broken)
        raise Violation(f"{len(broken)} seeds, kept in {KEPT.name}: " + "; ".join(broken.values()))
    return figures


def keep(broken: Mapping[int, str]) -> None:
    """Add seeds to those that are walked again in every run, each with the promise that it broke."""
    known = set(kept_seeds())
    with KEPT.open("a") as file:
        file.writelines(f"{s}    # {promise}\n" for s, promise in broken.items() if s not in known)


def kept_seeds() -> list[int]:
    """Return the seeds that broke a promise once."""
    lines = (line.split("#")[0].strip() for line in KEPT.read_text().splitlines())
    return [int(line) for line in lines if line]


def first_failure(seeds: Iterable[int], rules: Rules) -> tuple[int, str] | None:
    """Return the number of seeds walked up to the first that breaks a promise, with the promise."""
    for count, seed in enumerate(seeds, start=1):
        try:
            world = World(seed, rules)
            world.run()
            world.make_assignments_again()
        except Violation as violation:
            return count, str(violation)
    return None


if __name__ == "__main__":
    print(walk(range(int(sys.argv[1]), int(sys.argv[2]))))
