"""Runs a soak and shows what it came to: `python -m bench.soak --hours 24 --factor 110 --out build/soak`."""

import argparse
import asyncio
import logging
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from bench.soak.plan import Plan
from bench.soak.plot import draw
from bench.soak.run import Outcome, soak
from bench.stage import standing


def main() -> int:
    """Run, write samples and picture, print the verdict; 1 if something did not hold."""
    options = vars(build_parser().parse_args())
    out: Path = options.pop("out")
    plan = Plan(**options)
    logging.basicConfig(level=logging.INFO)
    with standing() as stage:
        outcome = asyncio.run(soak(plan, stage))
        keep_logs(Path(stage.plane.root), out)
    write(outcome, out)
    sys.stdout.write("\n".join([*render(outcome), ""]))
    return 0 if outcome.is_good else 1


def write(outcome: Outcome, out: Path) -> None:
    """Write everything that was seen as JSON, and the picture."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "soak.json").write_bytes(msgspec.json.format(msgspec.json.encode(outcome), indent=1))
    (out / "soak.svg").write_text(draw(outcome))


def keep_logs(root: Path, out: Path) -> None:
    """Keep what the processes have logged."""
    folder = out / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    for log in (root / "logs").glob("*.log"):
        (folder / log.name).write_bytes(log.read_bytes())


def render(outcome: Outcome) -> Iterator[str]:
    """Say what a soak came to, as Markdown."""
    phases = ", ".join(f"{count:,} {phase}" for phase, count in sorted(outcome.phases.items()))
    booked = sum(outcome.phases.values())
    yield (
        f"{outcome.hours:.1f} virtual hours, {outcome.plan.members} members: "
        f"{outcome.samples[-1].submitted:,} jobs submitted; {booked:,} booked ({phases}), "
        f"{outcome.deleted:,} deleted by their owners before; {outcome.starts:,} payloads started"
    )
    yield f"owners' turns: {outcome.turns}; at the centres: {outcome.chances}"
    yield f"troubles: {dict(Counter(trouble.what for trouble in outcome.troubles))}"
    yield "\n| holds | claim | breaks | of |\n|---|---|---|---|"
    for check in outcome.checks:
        yield f"| {'yes' if check.holds else 'NO'} | {check.claim} | {check.wrong} | {check.of:,} |"
        yield from (f"  {example}" for example in check.examples)
    yield "\n| process | MiB at first | MiB at last | MiB per virtual hour |\n|---|---|---|---|"
    for name, trend in outcome.trends.items():
        yield f"| {name} | {trend.first_mib:.1f} | {trend.last_mib:.1f} | {trend.mib_per_hour:+.2f} |"
    yield f"\nmistakes in the logs: {len(outcome.mistakes)}"
    yield from (f"  {line[:400]}" for line in outcome.mistakes[:5])


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line: an option for each number of a plan."""
    parser = argparse.ArgumentParser(prog="bench.soak", description=__doc__)
    parser.add_argument(
        "--out", type=Path, default=Path("build/soak"), metavar="FOLDER", help="where to write"
    )
    for field in msgspec.structs.fields(Plan):
        flag = f"--{field.name.replace('_', '-')}"
        parser.add_argument(flag, type=field.type, default=field.default, help="default: %(default)s")
    return parser


if __name__ == "__main__":
    sys.exit(main())
