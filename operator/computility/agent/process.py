"""What the agent's processes have in common: how they run until a signal, and how they exit."""

import asyncio
import logging
import signal
from collections.abc import Coroutine
from typing import Any

from computility.agent.journal import JournalError
from computility.agent.settings import SettingsError
from computility.kube.config_error import ConfigError

_log = logging.getLogger(__name__)

UNUSABLE = 2
"""Exit code for what no restart mends: the configuration, the table, the journal."""
BROKEN = 1
"""Exit code for a mistake of ours: start it again."""


def run_process(work: Coroutine[Any, Any, None]) -> int:
    """Run until SIGTERM or SIGINT, and return the exit code of the process."""
    code = 0
    try:
        asyncio.run(_until_signal(work))
    except* (SettingsError, JournalError, ConfigError) as unusable:
        for error in unusable.exceptions:
            _log.critical("%s", error)
        code = UNUSABLE
    except* Exception:
        _log.critical("the agent fails; jobs at the centre go on", exc_info=True)
        code = BROKEN
    return code


async def _until_signal(work: Coroutine[Any, Any, None]) -> None:
    """Do the work; a signal ends it cleanly, whatever else ends it is raised."""
    task = asyncio.ensure_future(work)
    stopped = False

    def stop() -> None:
        nonlocal stopped
        stopped = True
        task.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    try:
        await task
    except asyncio.CancelledError:
        if not stopped:
            raise
        _log.info("stopped; jobs at the centre go on")
