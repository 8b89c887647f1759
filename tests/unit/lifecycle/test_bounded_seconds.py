"""How long a payload counts as having run: its own word, within what others know."""

import pytest

from computility.lifecycle.evidence import ClaimHolder, WorkloadState
from computility.lifecycle.run_seconds import SLACK, bounded_seconds
from computility.lifecycle.sight import Sight
from support.builders import NOON, a_job, a_look, a_workload, an_entry, seconds

MOST = a_job().spec.max_run_seconds


@pytest.mark.parametrize(
    ("submitted_ago", "counted", "said", "charged"),
    [
        pytest.param(1000.0, None, 7.0, 7.0, id="what-it-says"),
        pytest.param(1000.0, 40.0, 7.0, 40.0 - SLACK, id="no-less-than-the-scheduler-counted"),
        pytest.param(50.0, None, 55.0, 50.0, id="no-more-than-has-passed-since-the-submit"),
        pytest.param(1000.0, None, 500.0, MOST, id="no-more-than-its-receipt-promised"),
        pytest.param(1000.0, 500.0, 7.0, MOST, id="nor-if-the-scheduler-counted-more"),
        pytest.param(1000.0, None, -5.0, 0.0, id="never-less-than-nothing"),
    ],
)
def test_a_payload_is_charged_for(
    submitted_ago: float, counted: float | None, said: float, charged: float
) -> None:
    entry = an_entry(submitted="11", submitted_at=NOON - seconds(submitted_ago))
    workload = a_workload(WorkloadState.ENDED, elapsed_seconds=counted)
    look = a_look(workload, claim=ClaimHolder.PAYLOAD, taken_at=NOON)

    assert bounded_seconds(entry, Sight(look), 0, said) == charged
