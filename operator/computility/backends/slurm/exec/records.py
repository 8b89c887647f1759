"""What stands in an attempt's files: JSON records and the ends of its output, whoever wrote them."""

import json
from datetime import datetime, timezone
from typing import Optional

from .files import read_end
from .problem import Answer

RECORD_BYTES = 64 * 2**10
JOB_BYTES = 16 * 2**20  # above what fits into an object of the hub, however it is escaped
TAIL_BYTES = 2048


def read_job(attempt: int) -> Answer:
    """Read what `submit` wrote down of an attempt; an empty record if that is gone or spoiled."""
    return read_record(attempt, "job.json", JOB_BYTES) or {}


def read_record(directory: int, name: str, limit: int = RECORD_BYTES) -> Optional[Answer]:
    """Read a JSON record; an empty one for text that is none (payloads can write here too)."""
    text = read_end(directory, name, limit)
    if text is None:
        return None
    try:
        value = json.loads(text.decode())
        # What Python reads but JSON does not know (NaN, half a surrogate pair) would spoil the whole answer.
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def read_tail(directory: int, name: str) -> str:
    """Read the end of a stream as text of at most `TAIL_BYTES` bytes, whatever the bytes were."""
    raw = read_end(directory, name, TAIL_BYTES, tail=True) or b""
    text = raw.decode("utf-8", "replace").replace("\0", "\ufffd")
    return text.encode()[-TAIL_BYTES:].decode("utf-8", "ignore")


def render(value: Answer) -> bytes:
    """Write a value as one line of JSON."""
    return json.dumps(value, sort_keys=True).encode() + b"\n"


def now() -> str:
    """Return this instant in UTC as RFC 3339 has it."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
