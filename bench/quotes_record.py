"""One job of the bench of quotes: what was said of it, what came, and whether that was kept."""

from math import inf

import msgspec

PROMPT_SECONDS = 60.0


class Trial(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One job: what was quoted and what came. Amounts in the pool's currency, times in seconds.

    Attributes:
        kind: `cards` or `cpu`.
        source: Where the speed that it was quoted by comes from.
        is_killed: Whether its time limit ended it, so that it was never done.
        done: From the quote to the end.
        wait_p50, wait_p95: Expected and high end of the wait that the quote took.
        is_said_at_once: Whether the quote has it start at once, by the scheduler's word.
    """

    fleet: int
    kind: str
    policy: str
    member: str
    source: str
    nodes: int
    is_killed: bool
    cost: float
    cost_expected: float
    cost_low: float
    cost_high: float
    done: float
    done_expected: float
    done_low: float
    done_high: float
    run: float
    run_expected: float
    wait_p50: float
    wait_p95: float
    is_said_at_once: bool

    @property
    def wait(self) -> float:
        return self.done - self.run

    @property
    def is_cost_kept(self) -> bool:
        return not self.is_killed and self.cost_low <= self.cost <= self.cost_high

    @property
    def is_finish_kept(self) -> bool:
        return not self.is_killed and self.done_low <= self.done <= self.done_high

    @property
    def is_kept(self) -> bool:
        return self.is_cost_kept and self.is_finish_kept

    @property
    def is_prompt(self) -> bool:
        """Whether it hardly waited: less than a minute."""
        return self.wait < PROMPT_SECONDS

    @property
    def finish_width(self) -> float:
        return self.done_high / self.done_expected

    @property
    def is_beyond_p95(self) -> bool:
        """Whether it waited longer than 19 of 20 do, as published."""
        return self.wait > self.wait_p95

    @property
    def wait_width(self) -> float:
        """The published p95 over p50; 1 if nobody waits, inf if only half of them do not."""
        if self.wait_p50 == 0:
            return inf if self.wait_p95 else 1.0
        return self.wait_p95 / self.wait_p50

    @property
    def cost_spread(self) -> float:
        """The spread of runs that would just have kept the cost; at least 1."""
        ratio = self.run / self.run_expected
        return max(ratio, 1 / ratio)

    @property
    def finish_spread(self) -> float:
        """The spread of runs that would just have kept the finish, at the published waits; at least 1."""
        above = (self.done - self.wait_p95) / self.run_expected
        return max(1.0, above, self.run_expected / self.done)
