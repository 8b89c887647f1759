"""What a soak is made of; the same plan and seed offer the same jobs and break the same things."""

import msgspec

HOUR = 3600.0


class Plan(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One soak. Instants within it are seconds of the wall clock since its start, unless they say otherwise.

    Attributes:
        members: How many simulated centres, each with one pool.
        hours: How long new work and faults keep coming, in virtual hours.
        factor: Virtual seconds in one of the wall clock's.
        jobs: How many are submitted, evenly by chance, until `last_submit_share` of the time is over.
        last_submit_share: What comes after it is the end of what was submitted.
        kills: How often the hub is killed, and how often the fleet.
        kill_share: They are killed only before this part of the time is over: memory is judged after it.
        silences: How often one member's token is refused for a while.
        seed: Where all chance comes from.
        sample_seconds: How often memory and books are looked at.
        longest_drain_seconds: How long after `hours` the last end may come.
    """

    members: int = 33
    hours: float = 24.0
    factor: float = 125.0
    jobs: int = 2400
    last_submit_share: float = 0.92
    kills: int = 6
    kill_share: float = 1 / 3
    silences: int = 10
    seed: int = 1
    sample_seconds: float = 5.0
    longest_drain_seconds: float = 300.0

    @property
    def seconds(self) -> float:
        """How long `hours` take by the wall clock."""
        return self.hours * HOUR / self.factor

    def hours_at(self, seconds: float) -> float:
        """Return the virtual hours that have passed at an instant."""
        return seconds * self.factor / HOUR

    def wall_seconds(self, virtual_seconds: float) -> float:
        """Return how long a virtual time takes."""
        return virtual_seconds / self.factor
