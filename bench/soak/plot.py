"""The soak as a picture: memory, jobs and Assignments over virtual hours, as SVG by hand."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from bench.soak.run import Outcome
from bench.soak.samples import Sample
from bench.soak.troubles import SILENCE
from bench.soak.verdict import MIB

WIDTH, HEIGHT, GAP = 900, 190, 52
LEFT, TOP, RIGHT = 62, 30, 150
COLOURS = ("#1b6ca8", "#c8553d", "#3a7d44", "#8e5ea2")
MOST_POINTS = 300


class Line(NamedTuple):
    """One line of a panel; a value of None leaves a gap."""

    name: str
    points: list[tuple[float, float | None]]


class Panel(NamedTuple):
    """Lines over the same hours, from 0 up."""

    title: str
    lines: Sequence[Line]

    @property
    def top(self) -> float:
        """A round number above all of them."""
        most = max((y for line in self.lines for _, y in line.points if y is not None), default=1) or 1
        step = float(10 ** (len(str(int(most))) - 1))
        return step * (most // step + 1)


def draw(outcome: Outcome) -> str:
    """Return the SVG."""
    samples = outcome.samples[:: max(1, len(outcome.samples) // MOST_POINTS)]
    hours = max(sample.hours for sample in samples)
    panels = list(_panels(samples))
    height = TOP + len(panels) * (HEIGHT + GAP)
    body = [text for n, panel in enumerate(panels) for text in _draw_panel(panel, n, hours)]
    marks = list(_marks(outcome, hours, height - GAP))
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + RIGHT} {height}" '
        'font-family="sans-serif" font-size="13"><rect width="100%" height="100%" fill="white"/>'
    )
    return "\n".join([head, *marks, *body, "</svg>", ""])


def _panels(samples: Sequence[Sample]) -> Iterator[Panel]:
    names = sorted({name for sample in samples for name in sample.rss_bytes})
    servers = [name for name in names if name not in ("hub", "fleet")]
    yield Panel("resident memory of ours, MiB", [_memory(samples, n) for n in names if n not in servers])
    yield Panel("resident memory of the control plane, MiB", [_memory(samples, n) for n in servers])
    yield Panel(
        "jobs since the start",
        [
            _line("submitted", samples, lambda s: s.submitted),
            _line("booked or deleted", samples, lambda s: s.booked + s.deleted),
        ],
    )
    yield Panel(
        "objects at the API server",
        [
            _line("ComputeJobs", samples, lambda s: s.jobs),
            _line("Assignments", samples, lambda s: s.assignments),
        ],
    )


def _memory(samples: Sequence[Sample], name: str) -> Line:
    return Line(name, [(s.hours, s.rss_bytes[name] / MIB if name in s.rss_bytes else None) for s in samples])


def _line(name: str, samples: Sequence[Sample], read: Callable[[Sample], float]) -> Line:
    return Line(name, [(sample.hours, read(sample)) for sample in samples])


def _draw_panel(panel: Panel, number: int, hours: float) -> Iterator[str]:
    bottom = TOP + number * (HEIGHT + GAP) + HEIGHT
    yield f'<text x="{LEFT}" y="{bottom - HEIGHT - 9}" font-weight="bold">{panel.title}</text>'
    for part in (0, 0.5, 1):
        y = bottom - part * HEIGHT
        yield f'<path d="M{LEFT} {y:.0f}h{WIDTH}" stroke="#ddd"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4:.0f}" text-anchor="end">{panel.top * part:,.0f}</text>'
    for hour in range(0, int(hours) + 1, 3):
        x = LEFT + hour / hours * WIDTH
        yield f'<text x="{x:.0f}" y="{bottom + 16}" text-anchor="middle">{hour} h</text>'
    for place, (line, colour) in enumerate(zip(panel.lines, COLOURS, strict=False)):
        path = _path(line, bottom, hours, panel.top)
        yield f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.6"/>'
        y = bottom - HEIGHT + 14 + 18 * place
        yield f'<text x="{LEFT + WIDTH + 8}" y="{y}" fill="{colour}">{line.name}</text>'


def _path(line: Line, bottom: float, hours: float, top: float) -> str:
    words, is_down = [], False
    for hour, value in line.points:
        if value is not None:
            x, y = LEFT + hour / hours * WIDTH, bottom - value / top * HEIGHT
            words.append(f"{'L' if is_down else 'M'}{x:.1f} {y:.1f}")
        is_down = value is not None
    return "".join(words)


def _marks(outcome: Outcome, hours: float, bottom: float) -> Iterator[str]:
    """Mark each kill by a line through all panels, and each silence by a bar at the top."""
    for trouble in outcome.troubles:
        x = LEFT + outcome.plan.hours_at(trouble.at) / hours * WIDTH
        width = outcome.plan.hours_at(trouble.seconds) / hours * WIDTH
        if trouble.what == SILENCE:
            yield f'<rect x="{x:.1f}" y="4" width="{width:.1f}" height="6" fill="#e0a030"/>'
        else:
            yield f'<path d="M{x:.1f} 14V{bottom}" stroke="#bbb" stroke-dasharray="3 3"/>'
    yield f'<text x="{LEFT + WIDTH + 8}" y="12" fill="#e0a030">a member silent</text>'
    yield f'<text x="{LEFT + WIDTH + 8}" y="28" fill="#888">┊ killed</text>'
