"""docs/metrics.md names every metric that the hub shows, and none that it does not."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAME = re.compile(r"\bcomputility_hub_[a-z_]+\b")


def test_the_page_names_exactly_the_metrics_that_there_are() -> None:
    sources = (ROOT / "operator" / "computility" / "hub").glob("*.py")
    shown = {name for source in sources for name in NAME.findall(source.read_text())}

    assert set(NAME.findall((ROOT / "docs" / "metrics.md").read_text())) == shown
