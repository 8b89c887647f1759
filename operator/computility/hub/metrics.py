"""What the hub counts, and how it shows it: Prometheus' text format, base units, prefix `computility_`."""

from collections import Counter
from collections.abc import Callable

from computility.kube.transport import Finished

Labels = tuple[tuple[str, str], ...]

_HELP = {
    "computility_hub_api_requests_total": "Requests to the API server that came to an end, retries singly.",
    "computility_hub_api_request_seconds_total": "Seconds that they took, all together.",
    "computility_hub_events_total": "Watch events by kind; type List is an object of a list that Kopf reads.",
    "computility_hub_unreadable_objects_total": "Objects seen that do not fit this release's types.",
    "computility_hub_reconciles_total": "Pieces of work done, by task and how they ended.",
    "computility_hub_reconcile_seconds_total": "Seconds that they took, all together.",
    "computility_hub_placements_total": "Answers to the question where a job goes, by reason.",
    "computility_hub_placement_steps_total": "Steps of decisions where a job goes that were done, by step.",
    "computility_hub_placement_step_seconds_total": "Seconds that they took, all together.",
    "computility_hub_missed_changes_total": "Objects that a sweep found changed, untold by the watch.",
}


class Metrics:
    """Counters that only go up, and gauges that are asked when somebody looks."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, Labels]] = Counter()
        self._gauges: dict[str, tuple[str, Callable[[], float]]] = {}

    def request(self, finished: Finished) -> None:
        """Count a request; the client's `on_request`."""
        resource = f"{finished.resource}/{finished.subresource}".rstrip("/")
        labels = (("verb", finished.verb), ("resource", resource), ("code", str(finished.status)))
        self._counts["computility_hub_api_requests_total", labels] += 1
        self._add("computility_hub_api_request_seconds_total", labels[:2], finished.seconds)

    def event(self, plural: str, kind: str | None) -> None:
        labels = (("resource", plural), ("type", kind or "List"))
        self._counts["computility_hub_events_total", labels] += 1

    def unreadable(self, plural: str) -> None:
        self._counts["computility_hub_unreadable_objects_total", (("resource", plural),)] += 1

    def reconciled(self, task: str, result: str, seconds: float) -> None:
        labels = (("task", task), ("result", result))
        self._counts["computility_hub_reconciles_total", labels] += 1
        self._add("computility_hub_reconcile_seconds_total", labels[:1], seconds)

    def placement(self, reason: str) -> None:
        self._counts["computility_hub_placements_total", (("reason", reason),)] += 1

    def placement_step(self, step: str, seconds: float) -> None:
        self._counts["computility_hub_placement_steps_total", (("step", step),)] += 1
        self._add("computility_hub_placement_step_seconds_total", (("step", step),), seconds)

    def missed(self, plural: str, count: int) -> None:
        self._add("computility_hub_missed_changes_total", (("resource", plural),), count)

    def gauge(self, name: str, help_: str, read: Callable[[], float]) -> None:
        """Show a figure as `read` gives it at the moment somebody looks."""
        self._gauges[name] = (help_, read)

    def value(self, name: str, **labels: str) -> float:
        """Return the sum of a counter over all series that carry these labels."""
        wanted = set(labels.items())
        return sum(v for (n, series), v in self._counts.items() if n == name and wanted <= set(series))

    def render(self) -> str:
        """Write all figures in Prometheus' text format."""
        lines: list[str] = []
        for name, help_ in _HELP.items():
            lines += [f"# HELP {name} {help_}", f"# TYPE {name} counter"]
            lines += sorted(
                f"{name}{_render_labels(series)} {value:.17g}"
                for (n, series), value in self._counts.items()
                if n == name
            )
        for name, (help_, read) in self._gauges.items():
            lines += [f"# HELP {name} {help_}", f"# TYPE {name} gauge", f"{name} {read():.17g}"]
        return "\n".join(lines) + "\n"

    def _add(self, name: str, labels: Labels, amount: float) -> None:
        self._counts[name, labels] += amount  # type: ignore[assignment]  # Counter holds floats as well


def _render_labels(labels: Labels) -> str:
    return "{" + ",".join(f'{name}="{_escape(value)}"' for name, value in labels) + "}"


def _escape(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
