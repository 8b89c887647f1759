"""Job traces from files."""

from collections.abc import Iterable
from pathlib import Path

from computility.cli.errors import CliError
from computility.whatif.columns import parse_csv
from computility.whatif.mistake import TraceRefused
from computility.whatif.shapes import Shaping
from computility.whatif.swf import Processor, parse_swf
from computility.whatif.trace import Trace

_CSV = ".csv"
_SWF = ".swf"


def read_trace(path: Path, namespace: str, processor: Processor, shaping: Shaping) -> Trace:
    """Read a trace; the end of its name says in which form it is.

    Raises:
        CliError: It cannot be read; of lines that are wrong the message says where and what.
    """
    if path.suffix not in (_CSV, _SWF):
        raise CliError(f'cannot replay "{path}": end its name in {_CSV} or {_SWF}, to say what it is')
    try:
        # What is no UTF-8 ends up in a field that is then told as wrong, or in a remark.
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
            return _parse(path, lines, namespace, processor, shaping)
    except OSError as error:
        raise CliError(f'cannot read "{path}": {error.strerror}') from error
    except TraceRefused as refused:
        raise CliError(f'cannot replay "{path}":\n{refused}') from refused


def _parse(path: Path, lines: Iterable[str], namespace: str, processor: Processor, shaping: Shaping) -> Trace:
    if path.suffix == _CSV:
        return parse_csv(lines, namespace, shaping)
    return parse_swf(lines, namespace, processor, shaping)
