"""The log: one JSON object a line on standard error, with names and no text of tenants beyond them."""

import logging
import sys
from datetime import UTC, datetime

import msgspec

from computility.kube.errors import ApiError


class JsonLines(logging.Formatter):
    """Renders a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line).decode()


def set_up_log(level: int = logging.INFO) -> None:
    """Send the log of this process to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)


def brief(error: ApiError) -> str:
    """Name what the API server refused, without its message: that may repeat what a tenant wrote."""
    fields = ", ".join(cause.field for cause in error.causes)
    words = [type(error).__name__, str(error.status or ""), error.reason, fields]
    return " ".join(word for word in words if word)
