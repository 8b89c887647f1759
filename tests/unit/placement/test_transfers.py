"""How long the data of a job takes to a pool, and what that costs."""

import pytest

from computility.model.data_link import DataLinkSpec
from computility.model.reasons import Reason
from support.placing import HOUR, a_pool_with, a_request, cost, data_from, evaluate, link_between, refusals


@pytest.mark.parametrize(
    ("places", "links", "took"),
    [
        pytest.param({"a": "5G@CN-SH"}, [], 0, id="in-the-same-region"),
        pytest.param({"a": "5G@member/alpha"}, [], 0, id="at-the-same-member"),
        pytest.param({"a": "5G@CN-GS"}, [link_between("CN-GS", "CN-SH")], 8, id="between-regions"),
        pytest.param(
            {"a": "5G@CN-GS"}, [link_between("CN-SH", "CN-GS", both_ways=True)], 8, id="the-way-back"
        ),
        pytest.param(
            {"a": "5G@member/beta"}, [link_between("CN-NX", "CN-SH")], 8, id="from-a-members-region"
        ),
        pytest.param(
            {"a": "5G@member/beta"},
            [link_between("CN-NX", "CN-SH", 1), link_between("member/beta", "CN-SH")],
            8,
            id="from-the-member-before-its-region",
        ),
        pytest.param(
            {"a": "5G@CN-GS"},
            [link_between("CN-GS", "CN-SH", 1), link_between("CN-GS", "member/alpha")],
            8,
            id="to-the-member-before-its-region",
        ),
        pytest.param(
            {"a": "5G@CN-GS", "b": "10G@CN-GS"},
            [link_between("CN-GS", "CN-SH")],
            24,
            id="one-after-another-on-one-way",
        ),
        pytest.param(
            {"a": "5G@CN-GS", "b": "10G@CN-HE"},
            [link_between("CN-GS", "CN-SH"), link_between("CN-HE", "CN-SH")],
            16,
            id="at-the-same-time-on-two",
        ),
        pytest.param(
            {"a": "5G@member/beta", "b": "5G@CN-NX"},
            [link_between("CN-NX", "CN-SH")],
            16,
            id="of-two-places-on-one",
        ),
        pytest.param({"a": "5G@CN-GS"}, [], None, id="no-link"),
        pytest.param({"a": "5G@CN-GS"}, [link_between("CN-SH", "CN-GS")], None, id="the-other-way-only"),
        pytest.param(
            {"a": "5G@member/beta"}, [link_between("CN-SH", "CN-NX")], None, id="none-from-the-member"
        ),
        pytest.param(
            {"a": "5G@CN-GS"},
            [link_between("CN-GS", "CN-SH", cost_per_gb="1", currency="USD")],
            None,
            id="a-price-that-cannot-be-added",
        ),
        pytest.param(
            {"a": "5G@CN-GS"}, [link_between("CN-GS", "CN-SH", currency="USD")], 8, id="free-in-any-currency"
        ),
    ],
)
def test_how_long_the_data_takes(
    places: dict[str, str], links: list[DataLinkSpec], took: float | None
) -> None:
    pools = a_pool_with("alpha"), a_pool_with("beta", region="CN-NX", namespaces=())
    evaluation = evaluate(a_request(data=data_from(**places)), *pools, links=tuple(links))

    transfer = float(evaluation.estimates.transfer[0])
    assert (None if transfer != transfer else transfer) == took
    assert evaluation.order == ([] if took is None else [0])


def test_what_the_data_costs_comes_on_top_once_for_all_runs() -> None:
    link = link_between("CN-GS", "CN-SH", cost_per_gb="0.5")
    request = a_request(data=data_from(a="6G@CN-GS"), max_run_seconds=HOUR, count=4)

    assert cost(request, a_pool_with(core_hour="10"), link) == pytest.approx(4 * 10 + 3)


def test_a_link_over_which_nothing_ever_arrives_is_none() -> None:
    trickle = link_between("CN-GS", "CN-SH", gbps=5e-324, usable_share=5e-324)

    (refusal,) = refusals(a_request(data=data_from(corpus="7T@CN-GS")), a_pool_with(), (trickle,))
    assert refusal.reason is Reason.NO_LINK
