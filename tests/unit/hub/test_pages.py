import aiohttp

from computility.hub.health import serving
from computility.hub.metrics import Metrics
from computility.kube.transport import Finished


def some_metrics() -> Metrics:
    metrics = Metrics()
    metrics.request(Finished("patch", "computejobs", "status", 200, 0.25))
    metrics.request(Finished("patch", "computejobs", "status", 200, 0.25))
    metrics.unreadable('odd"name\n')
    metrics.gauge("computility_hub_leading", "Leads.", lambda: 1.0)
    return metrics


def test_figures_are_shown_in_prometheus_text_format() -> None:
    lines = some_metrics().render().splitlines()

    series = '{verb="patch",resource="computejobs/status",code="200"}'
    assert f"computility_hub_api_requests_total{series} 2" in lines
    assert (
        'computility_hub_api_request_seconds_total{verb="patch",resource="computejobs/status"} 0.5' in lines
    )
    assert 'computility_hub_unreadable_objects_total{resource="odd\\"name\\n"} 1' in lines
    assert "computility_hub_leading 1" in lines


async def test_a_page_says_what_is_wrong_with_503_and_ok_otherwise() -> None:
    pages = serving(
        "127.0.0.1", 0, health=lambda: "", readiness=lambda: "not primed yet", metrics=lambda: "x 1\n"
    )
    async with pages as port, aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        answers = {}
        for page in ("healthz", "readyz", "metrics"):
            async with session.get(f"/{page}") as answer:
                answers[page] = (answer.status, await answer.text())

    assert answers == {
        "healthz": (200, "ok\n"),
        "readyz": (503, "not primed yet\n"),
        "metrics": (200, "x 1\n"),
    }
