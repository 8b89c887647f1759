"""A signal that reaches the wrapper while what it watches ends by itself."""

import subprocess
import sys
from pathlib import Path

from computility.backends.slurm.exec import computility_wrapper

SCRIPT = """
import os, signal, subprocess, sys, time
sys.path.append(sys.argv[1])
import computility_wrapper as wrapper

class Term:
    si_signo = signal.SIGTERM

def comes_as_it_ends(*_):
    loader.stdin.close()
    os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
    return Term

signal.pthread_sigmask(signal.SIG_BLOCK, wrapper.WATCHED)
wrapper.signal.sigtimedwait = comes_as_it_ends
loader = wrapper.start(["cat"], stdin=subprocess.PIPE)
end = wrapper.watch(loader, wrapper.LOADING, time.monotonic())
print(end.code, end.told, signal.SIGTERM in signal.sigpending())
"""


def test_a_signal_that_comes_too_late_for_the_loader_is_there_for_the_payload() -> None:
    folder = Path(computility_wrapper.__file__ or "").parent

    ended = subprocess.run(
        [sys.executable, "-IS", "-c", SCRIPT, str(folder)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert ended.stdout == "0 False True\n", ended.stderr
