"""What looks could not see: told to the log once for each new problem, and when it is over."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from computility.backends.protocol import Target
from computility.lifecycle.evidence import Look

_log = logging.getLogger(__name__)

Problems = dict[str, str]
"""What the last look at an attempt told, by the attempt's name; only what is wrong."""


class Troubles:
    """The problems that looks have told of.

    Args:
        is_open: Whether an attempt is looked at any more; problems with others are nobody's.
    """

    def __init__(self, is_open: Callable[[str], bool]) -> None:
        self._is_open = is_open
        self._problems: dict[str, Problems] = {}

    def hear(self, targets: Iterable[Target], looks: Mapping[str, Look]) -> None:
        """Take in what looks at some attempts have found."""
        heard: dict[str, Problems] = defaultdict(dict)
        for target in targets:
            heard[target.account][target.name] = looks[target.name].problem
        for account, problems in heard.items():
            self._take(account, self._problems.get(account, {}) | problems)

    def summarize(self) -> str:
        """Say what is wrong now, one problem of each account; "" if nothing is."""
        for account, problems in list(self._problems.items()):
            self._take(account, problems)
        first = {account: min(problems.values()) for account, problems in sorted(self._problems.items())}
        return "; ".join(f'account "{account}": {problem}' for account, problem in first.items())

    def _take(self, account: str, problems: Problems) -> None:
        before = self._problems.pop(account, {})
        now = {name: problem for name, problem in problems.items() if problem and self._is_open(name)}
        if now:
            self._problems[account] = now
        for problem in sorted(set(now.values()) - set(before.values())):
            _log.warning('not all can be seen that belongs to account "%s": %s', account, problem)
        if before and not now:
            _log.info('all can be seen again that belongs to account "%s"', account)
