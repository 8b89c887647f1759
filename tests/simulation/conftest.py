"""Prints what the walks came to, also when they ran on several workers."""

from collections import Counter

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Sum the figures of all chunks."""
    reports = [r for group in ("passed", "failed") for r in terminalreporter.stats.get(group, [])]
    told = [(r.nodeid.rpartition("[")[2].rstrip("]"), k, v) for r in reports for k, v in r.user_properties]
    chunks = [v for _, k, v in told if k == "simulation"]
    if not chunks:
        return
    terminalreporter.section("simulation")
    line = terminalreporter.write_line
    steps, seconds = sum(c["steps"] for c in chunks), sum(c["seconds"] for c in chunks)
    line(f"{sum(c['seeds'] for c in chunks)} seeds, {steps} steps, {steps / seconds:.0f} steps/s a process")
    line(f"payload starts: {sum(c['starts'] for c in chunks)}")
    for name, title in (("mix", "steps"), ("writes", "API writes"), ("phases", "jobs by last phase")):
        total: Counter[str] = sum((Counter(c[name]) for c in chunks), Counter())
        line(f"{title}: " + ", ".join(f"{k} {v}" for k, v in total.most_common()))
    for nodeid, key, value in told:
        if key == "mutant":
            line(f"without {nodeid}: noticed after {value}")
        elif key == "coverage":
            line(f"lines and branches of the core reached: {value}")
