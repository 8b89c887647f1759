"""Requests by verb, kind and answer, as the API server itself counts them."""

import re
from collections import Counter
from typing import NamedTuple

from computility.kube.client import Client
from computility.kube.request import Request

_SERIES = re.compile(r"apiserver_request_total\{(?P<labels>.*)\} (?P<value>\S+)")
_LABEL = re.compile(r'(\w+)="([^"]*)"')
_STORED = re.compile(r"apiserver_storage_size_bytes\{[^}]*\} (?P<value>\S+)")
# Their number says how long a run lasted, and not what it asked for.
_ENDLESS = frozenset({"WATCH", "CONNECT"})


class Asked(NamedTuple):
    """One kind of request and its answer: `what` is verb, resource and subresource."""

    what: str
    code: int


class Reading(NamedTuple):
    """The API server's counters at one moment; `stored_bytes` is the size of etcd's database."""

    requests: Counter[Asked]
    stored_bytes: int


async def read_counters(client: Client) -> Reading:
    """Read the API server's metrics page, as administrator."""
    page = await client.transport.send(Request("get", "/metrics", "raw"))
    return parse_counters(page.decode())


def parse_counters(page: str) -> Reading:
    """Read the counters out of a metrics page; watches are left out, dry runs and scopes are one."""
    requests: Counter[Asked] = Counter()
    for series in _SERIES.finditer(page):
        labels = dict(_LABEL.findall(series["labels"]))
        if labels["verb"] in _ENDLESS:
            continue
        resource = f"{labels['resource']}/{labels['subresource']}".rstrip("/")
        code = int(labels["code"] or 0)
        requests[Asked(f"{labels['verb']} {resource}".strip(), code)] += int(float(series["value"]))
    stored = [float(found["value"]) for found in _STORED.finditer(page)]
    return Reading(requests, int(max(stored, default=0.0)))


def requests_between(before: Reading, after: Reading) -> Counter[Asked]:
    """Return the requests that were answered between two readings."""
    return after.requests - before.requests
