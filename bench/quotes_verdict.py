"""Whether quotes were kept: shares within their bands, how wide these are, what would have been needed."""

from collections.abc import Callable, Sequence

import msgspec

from bench.placement import quantile
from bench.quotes_record import Trial

LEAST_WITHIN, MOST_WIDTH = 0.95, 3.0
"""The aims: so large a share within, with the high end at most so many times what is expected."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a group of jobs came to.

    Attributes:
        jobs: How many.
        killed: Of them, ended by their time limit.
        cost_within, finish_within, both_within: Shares of all.
        cost_width_p50, cost_width_p95: High over expected cost, over the jobs.
        finish_width_p50, finish_width_p95: The same of the finish.
        finish_width_kept: Share of jobs whose finish is no wider than the aim.
        done_ratio_p95: What the finish came to over what was expected: a band no wider keeps 95 of 100.
        wait_width_p50: The published p95 over p50 of waits, the median of the jobs; inf where p50 is 0.
        said_at_once, prompt_as_said: Share that was said to start at once, and which part of them did.
        prompt_unsaid: Which part of the others did.
        later_width_p50, later_width_p95: High over expected finish of these others; 0 without any.
        beyond_p95: Share that waited longer than the published p95.
        only_late: Share whose cost was kept and whose finish was not: the queue was to blame.
        cost_spread_needed, finish_spread_needed, both_spread_needed: The spread of runs that would have kept
            95 of 100; at the published waits.
        is_within, is_narrow: Whether the aims are met; width at the 95th percentile of jobs.
    """

    name: str
    jobs: int
    killed: int
    cost_within: float
    finish_within: float
    both_within: float
    cost_width_p50: float
    cost_width_p95: float
    finish_width_p50: float
    finish_width_p95: float
    finish_width_kept: float
    done_ratio_p95: float
    wait_width_p50: float
    said_at_once: float
    prompt_as_said: float
    prompt_unsaid: float
    later_width_p50: float
    later_width_p95: float
    beyond_p95: float
    only_late: float
    cost_spread_needed: float
    finish_spread_needed: float
    both_spread_needed: float
    is_within: bool
    is_narrow: bool


def judge(name: str, trials: Sequence[Trial]) -> Verdict:
    """Bring a group of jobs to figures; there is at least one."""
    cost_widths = [each.cost_high / each.cost_expected for each in trials]
    finish_widths = [each.finish_width for each in trials]
    prompt = [each for each in trials if each.is_said_at_once]
    later = [each for each in trials if not each.is_said_at_once]
    both = _share(trials, lambda each: each.is_kept)
    widest = max(quantile(cost_widths, 0.95), quantile(finish_widths, 0.95))
    return Verdict(
        name=name,
        jobs=len(trials),
        killed=sum(each.is_killed for each in trials),
        cost_within=_share(trials, lambda each: each.is_cost_kept),
        finish_within=_share(trials, lambda each: each.is_finish_kept),
        both_within=both,
        cost_width_p50=quantile(cost_widths, 0.5),
        cost_width_p95=quantile(cost_widths, 0.95),
        finish_width_p50=quantile(finish_widths, 0.5),
        finish_width_p95=quantile(finish_widths, 0.95),
        finish_width_kept=sum(width <= MOST_WIDTH for width in finish_widths) / len(trials),
        done_ratio_p95=quantile([each.done / each.done_expected for each in trials], LEAST_WITHIN),
        wait_width_p50=quantile([each.wait_width for each in trials], 0.5),
        said_at_once=len(prompt) / len(trials),
        prompt_as_said=_share(prompt, lambda each: each.is_prompt),
        prompt_unsaid=_share(later, lambda each: each.is_prompt),
        later_width_p50=_width(later, 0.5),
        later_width_p95=_width(later, 0.95),
        beyond_p95=_share(trials, lambda each: each.is_beyond_p95),
        only_late=_share(trials, lambda each: each.is_cost_kept and not each.is_finish_kept),
        cost_spread_needed=quantile([each.cost_spread for each in trials], LEAST_WITHIN),
        finish_spread_needed=quantile([each.finish_spread for each in trials], LEAST_WITHIN),
        both_spread_needed=quantile(
            [max(each.cost_spread, each.finish_spread) for each in trials], LEAST_WITHIN
        ),
        is_within=both >= LEAST_WITHIN,
        is_narrow=widest <= MOST_WIDTH,
    )


def judge_all(trials: Sequence[Trial]) -> list[Verdict]:
    """Judge jobs with cards and without, and each of them by where their speeds come from."""
    verdicts = []
    for kind in ("cards", "cpu"):
        of_kind = [each for each in trials if each.kind == kind]
        groups = {kind: of_kind}
        for source in ("measured", "nominal", "estimated"):
            groups[f"{kind}, {source}"] = [each for each in of_kind if each.source == source]
        verdicts += [judge(name, group) for name, group in groups.items() if group]
    return verdicts


def _width(trials: Sequence[Trial], share: float) -> float:
    return quantile([each.finish_width for each in trials], share) if trials else 0.0


def _share(trials: Sequence[Trial], claim: Callable[[Trial], bool]) -> float:
    """Return the share of which the claim is true; 0 of none."""
    return sum(map(claim, trials)) / len(trials) if trials else 0.0
