"""Which pools would take a job, and what each of them is."""

import json
import re
from typing import Any

import pytest
import yaml

from support.cli import Ran, Run


def find(run: Run, *options: str) -> Ran:
    """Look for pools in the preset fleet p2, on behalf of team-a."""
    return run("pools", "find", "--fleet", "p2", "-n", "team-a", *options)


def found(run: Run, *options: str) -> Any:
    return json.loads(find(run, *options, "-o", "json").out)


def members(run: Run, *options: str) -> set[str]:
    """Name the places of what was found."""
    return {pool["member"].split("-")[0] for pool in found(run, *options, "--limit", "0")["pools"]}


def test_the_cheapest_stand_first_and_the_last_line_counts_the_others(run: Run) -> None:
    lines = find(run, "--precision", "fp64", "--max-price", "4").out.splitlines()

    assert re.split(r" {3,}", lines[0]) == [
        "POOL", "AN-HOUR", "CARD-HOUR", "REFERENCE-HOUR", "WAIT-P50", "GREEN", "FREE", "REGION", "ARCH",
        "CARDS", "MEMORY", "PRECISIONS",
    ]  # fmt: skip
    assert [line.split()[0].split("-")[0] for line in lines[1:-1]] == [
        "tianjin", "tianjin", "zhengzhou", "zhengzhou", "zhongwei", "zhongwei",
    ]  # fmt: skip
    assert lines[-1].startswith(
        "6 of 33 pools would take it; turned down: 17 PrecisionUnsupported (wanted fp64"
    )
    assert "NotCompared" not in lines[-1]


def test_a_row_has_the_facts_of_its_pool(run: Run) -> None:
    options = ("--card-model", "hygon-bw1000", "--cards", "64", "--cards-per-node", "8")
    row = re.split(r" {3,}", find(run, *options).out.splitlines()[1])

    assert row[0].startswith("zhengzhou-")
    assert row[1:6] == ["230.40", "3.60", "3.13", "1.0 h", "30%"]
    assert row[7:11] == ["CN-HA", "amd64", "hygon-bw1000", "64Gi"]


def test_wide_shows_more_of_each(run: Run) -> None:
    narrow, wide = (find(run, "-o", form).out.splitlines()[0] for form in ("table", "wide"))

    assert wide.startswith(narrow)
    assert set(wide.split()) - set(narrow.split()) >= {"TOOLKITS", "PUE", "MAX-RUN", "SEEN-AT"}


@pytest.mark.parametrize(("form", "parse"), [("json", json.loads), ("yaml", yaml.safe_load)])
def test_machines_get_the_same_and_nothing_else(form: str, parse: Any, run: Run) -> None:
    ran = find(run, "--precision", "fp8", "-o", form)

    told = parse(ran.out)
    assert ran.err == ""
    assert (told["considered"], told["fitting"]) == (33, 5)
    assert told["pools"][0]["perUnitHour"] == "13.2"
    assert {each["reason"] for each in told["rejected"]} == {"PrecisionUnsupported"}


@pytest.mark.parametrize(
    ("options", "places"),
    [
        pytest.param(("--precision", "fp8"), {"qingpu", "shaoguan"}, id="an-fp8-job-never-reaches-a-bw1000"),
        pytest.param(("--card-model", "hygon-z100"), {"tianjin"}, id="card-model"),
        pytest.param(("--card-memory", "81Gi"), set(), id="card-memory"),
        pytest.param(("--toolkit", "dtk:26"), set(), id="a-later-toolkit-than-any-has"),
        pytest.param(
            ("--toolkit", "cann"), {"wuhu", "tianfu", "garze", "chongqing", "horinger", "guian"}, id="any"
        ),
        pytest.param(("--region", "CN-SH", "--region", "CN-TJ"), {"qingpu", "tianjin"}, id="regions"),
        pytest.param(("--cards", "8", "--max-price", "1.2"), {"tianjin"}, id="dearest-card-hour"),
        pytest.param(("--module", "gcc"), set(), id="a-module-that-none-has"),
        pytest.param(("--mpi", "any"), set(), id="any-mpi-where-none-is-published"),
        pytest.param(("--scratch", "1Ti"), set(), id="room-for-files-that-none-declares"),
        pytest.param(("--run-seconds", "2592001"), set(), id="longer-than-anybody-allows"),
        pytest.param(("--cores", "4096"), set(), id="more-cores-than-a-node-has"),
        pytest.param(("--cards-per-node", "8", "--nodes", "4000"), set(), id="too-many-nodes"),
    ],
)
def test_a_wish_is_a_filter(options: tuple[str, ...], places: set[str], run: Run) -> None:
    assert members(run, *options) == places


def test_near_counts_round_trips_from_there(run: Run) -> None:
    told = found(run, "--near", "CN-SH", "--latency", "national")

    assert all(pool["roundTripMillis"] <= 20 for pool in told["pools"])
    assert told["fitting"] + sum(each["count"] for each in told["rejected"]) == 33


def test_so_many_are_shown_as_are_asked_for_and_the_rest_is_counted(run: Run) -> None:
    lines = find(run, "--limit", "3").out.splitlines()

    assert len(lines) == 5
    assert lines[-1] == "33 of 33 pools would take it, 30 of them not shown (--limit 0 shows all)"


def test_who_has_no_account_anywhere_is_told_what_the_option_is(run: Run) -> None:
    ran = run("pools", "find", "--fleet", "p2")

    assert ran.code == 0
    assert ran.out == (
        "0 of 33 pools would take it; turned down: 33 NamespaceNotMapped (wanted default); "
        "--namespace says whose job it would be\n"
    )


@pytest.mark.parametrize(
    ("options", "named"),
    [
        pytest.param(("--precision", "fp65"), "'fp65' is not one of 'fp64'", id="precision"),
        pytest.param(("--card-model", "a b"), '"a b" is no value of --card-model', id="card-model"),
        pytest.param(
            ("--card-memory", "40GB"), "--card-memory: it takes a quantity such as 40Gi", id="memory"
        ),
        pytest.param(("--toolkit", "cuda:new"), "NAME:VERSION, such as cuda:12.4", id="toolkit"),
        pytest.param(("--max-price", "cheap"), "no value of --max-price", id="price"),
        pytest.param(("--near", "Shanghai"), "a region such as CN-SH, or member/NAME", id="near"),
        pytest.param(("--region", "Shanghai"), "an ISO 3166-2 code such as CN-SH", id="region"),
        pytest.param(("--latency", "metro"), "--latency needs --near", id="latency-from-nowhere"),
        pytest.param(
            ("--cards", "12", "--cards-per-node", "8"), "12 cards do not fill their nodes", id="cards"
        ),
        pytest.param(("--limit", "-1"), "--limit", id="limit"),
    ],
)
def test_a_wish_that_is_none_is_a_wrong_use_with_the_remedy(
    options: tuple[str, ...], named: str, run: Run
) -> None:
    ran = find(run, *options)

    assert (ran.code, ran.out) == (2, "")
    assert named in ran.err


def test_find_is_a_command_of_its_group(run: Run) -> None:
    assert "find" in run("pools", "--help").out
    assert run("pools", "lose").code == 2
