"""What stands in an attempt's files: JSON records and the ends of its output, whoever wrote them."""

import json
from datetime import datetime, timezone
from typing import Any, Optional

from .files import read_part
from .problem import Answer

RECORD_BYTES = 4 * 2**10  # many times what a claim, a start or a result of ours has
RECORD_ITEMS = 64  # likewise
JOB_BYTES = 16 * 2**20  # above what fits into an object of the hub, however it is escaped
TAIL_BYTES = 2048
RESULT_KEYS = ("startedAt", "endedAt", "runSeconds", "exitCode", "signal", "limit", "told", "unstarted")
INT_DIGITS = 20  # int() takes quadratic time of more in old Pythons, and new ones refuse thousands
STRICT = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


def read_job(attempt: int) -> Answer:
    """Read what `submit` wrote down of an attempt; an empty record if that is gone or spoiled."""
    return read_record(attempt, "job.json", JOB_BYTES, JOB_BYTES) or {}


def read_record(
    directory: int, name: str, limit: int = RECORD_BYTES, items: int = RECORD_ITEMS
) -> Optional[Answer]:
    """Read a JSON record; an empty one for text that is none (payloads can write here too)."""
    text = read_part(directory, name, limit)
    return None if text is None else parse_record(text, items)


def parse_record(text: bytes, items: int) -> Answer:
    """Read a JSON record; an empty one if it is none, or has more than so many values.

    What is short as text may be a hundred times as long in memory, as "[],[],[]..." is.
    """
    if sum(map(text.count, (b"{", b"[", b","))) > items:
        return {}
    try:
        value = json.loads(text.decode(), parse_int=parse_int)
        # What Python reads but JSON does not know (NaN, half a surrogate pair) would spoil the whole answer.
        STRICT.encode(value).encode()
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def parse_int(text: str) -> int:
    """Read a number of JSON.

    Raises:
        ValueError: It has more digits than any of ours.
    """
    if len(text) > INT_DIGITS:
        raise ValueError(f"{text:.80} is too long")
    return int(text)


def genuine(directory: int, record: str, claim: Optional[Answer]) -> Optional[Answer]:
    """Read a record of the wrapper; None unless it has the nonce of the claim that a payload holds."""
    found = read_record(directory, record) if nonce_of(claim) else None
    return found if is_genuine(found, claim) else None


def is_genuine(record: Optional[Answer], claim: Optional[Answer]) -> bool:
    """Say whether a record is of the wrapper that holds the claim: it has the claim's nonce."""
    nonce = nonce_of(claim)
    return bool(nonce) and record is not None and record.get("nonce") == nonce


def nonce_of(claim: Optional[Answer]) -> Any:
    """Return the nonce of a claim that a payload holds; None of any other."""
    return claim.get("nonce") if claim and claim.get("by") == "payload" else None


def trim_claim(claim: Optional[Answer]) -> Optional[Answer]:
    """Return what the agent wants to know of a claim."""
    return claim and {key: claim[key] for key in ("by", "job", "at") if key in claim}


def trim_result(result: Optional[Answer]) -> Optional[Answer]:
    """Return what the agent wants to know of a result."""
    return result and {key: result[key] for key in RESULT_KEYS if key in result}


def read_tail(directory: int, name: str) -> str:
    """Read the end of a stream as text of at most `TAIL_BYTES` bytes."""
    return render_tail(read_part(directory, name, TAIL_BYTES, -TAIL_BYTES) or b"")


def render_tail(raw: bytes) -> str:
    """Write the end of some output as text, whatever the bytes were."""
    text = raw.decode("utf-8", "replace").replace("\0", "\ufffd")
    return text.encode()[-TAIL_BYTES:].decode("utf-8", "ignore")


def render(value: Answer) -> bytes:
    """Write a value as one line of JSON."""
    return json.dumps(value, sort_keys=True).encode() + b"\n"


def now() -> str:
    """Return this instant in UTC as RFC 3339 has it."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
