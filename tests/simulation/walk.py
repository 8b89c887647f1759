"""Walk many seeds and sum up what happened on the way."""

import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from simulation.checks import Violation
from simulation.world import ALL_RULES, FAULTS, Rules, World


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
        Violation: The first promise that was broken; its message names the seed.
    """
    figures, began = Figures(), time.perf_counter()
    for seed in seeds:
        world = World(seed, rules)
        world.run()
        figures.add(world)
    figures.seconds = time.perf_counter() - began
    return figures


def first_failure(seeds: Iterable[int], rules: Rules) -> tuple[int, str] | None:
    """Return the number of seeds walked up to the first that breaks a promise, with the promise."""
    for count, seed in enumerate(seeds, start=1):
        try:
            World(seed, rules).run()
        except Violation as violation:
            return count, str(violation)
    return None


if __name__ == "__main__":
    print(walk(range(int(sys.argv[1]), int(sys.argv[2]))))
