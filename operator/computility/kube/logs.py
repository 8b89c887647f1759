"""The log of hub and agent: one line of JSON each on standard error."""

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

MEMBER: ContextVar[str] = ContextVar("member", default="")
"""Which member the running task is about, in a process that has many of them."""


class JsonLines(logging.Formatter):
    """Writes time, level, logger and message; an exception's traceback as one more field."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if member := MEMBER.get():
            line["member"] = member
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def set_up_logs(level: str = "info") -> None:
    """Send the log of this process to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
