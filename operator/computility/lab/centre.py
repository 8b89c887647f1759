"""A running Slurm centre of the lab: enter it, start and kill its parts, end it."""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from computility.lab.enclosure import Enclosure
from computility.lab.loopback import is_listening
from computility.lab.namespace import SYSTEM_PATH
from computility.lab.plan import File
from computility.lab.slurm_config import AGENT_HOME, AGENT_USER, SLURM_CONF, CentreSpec
from computility.lab.waiting import NotInTime, wait_until

READY_SECONDS = 60.0
LOG_TAIL_LINES = 15
CONTROLLER = "slurmctld"
_NODE_INIT = '"$@" & wait'
"""First process of a node: collects what slurmd leaves behind, as a machine's would."""


class CentreError(Exception):
    """A Slurm centre could not be started or reached; the message says what to do."""


class Centre:
    """A running centre. Any process of the user who started it may hold one: see `attach`."""

    def __init__(self, spec: CentreSpec, enclosure: Enclosure) -> None:
        self.spec = spec
        self.enclosure = enclosure

    @classmethod
    def attach(cls, root: Path) -> "Centre":
        """Return the centre that runs at this root.

        Raises:
            CentreError: None does.
        """
        enclosure = Enclosure(root)
        if not enclosure.is_running():
            raise CentreError(f'no Slurm centre runs at "{root}"')
        return cls(msgspec.json.decode(spec_file(root).read_bytes(), type=CentreSpec), enclosure)

    def environment(self, user: str) -> dict[str, str]:
        """Return the whole environment of a process inside; tenants have no HOME, as at many centres."""
        identity = {"USER": user, "LOGNAME": user}
        home = {"HOME": AGENT_HOME} if user == AGENT_USER else {}
        return {"PATH": SYSTEM_PATH, "LANG": "C.UTF-8", "SLURM_CONF": SLURM_CONF, **identity, **home}

    def enter(
        self, argv: Sequence[str], user: str = AGENT_USER, env: Mapping[str, str] | None = None
    ) -> list[str]:
        """Return the command that runs `argv` inside as a user, in / and with a clean environment.

        What it runs is killed when the command is. A daemon is better off with `start`.
        """
        return self.enclosure.enter(argv, user=user, env={**self.environment(user), **(env or {})})

    def run(
        self, argv: Sequence[str], user: str = AGENT_USER, text: str = "", timeout_seconds: float = 60.0
    ) -> subprocess.CompletedProcess[str]:
        """Run a command inside to its end, with `text` on its standard input, and return its output as text.

        Raises:
            subprocess.TimeoutExpired: It had not ended in time; it is killed.
        """
        command = self.enter(argv, user)
        return subprocess.run(
            command, input=text, capture_output=True, text=True, check=False, timeout=timeout_seconds
        )

    def start(
        self, name: str, argv: Sequence[str], user: str = AGENT_USER, env: Mapping[str, str] | None = None
    ) -> None:
        """Start a daemon inside, such as the agent; `log(name)` has its output, `kill` ends it."""
        self.enclosure.start(name, argv, user=user, env={**self.environment(user), **(env or {})})

    def signal(self, name: str, number: int) -> None:
        """Send a signal to a daemon inside; a no-op if it is not running."""
        self.enclosure.signal(name, number)

    def kill(self, name: str) -> None:
        """End a daemon inside by SIGKILL and wait until it is gone; a no-op if it is not running."""
        self.enclosure.kill(name)

    def is_alive(self, name: str) -> bool:
        """Say whether a daemon of this name runs inside."""
        return name in self.enclosure.running()

    def log(self, name: str) -> Path:
        """Return the file with a daemon's output: `munged`, `slurmctld`, a node's name, what `start` had."""
        return self.enclosure.root / "log" / f"{name}.log"

    def write(self, path: str, text: str, owner: str = AGENT_USER, mode: int = 0o600) -> None:
        """Write a file inside, in one step; by default one for the agent alone, such as its token."""
        self.enclosure.write(File(path, text, owner, mode))

    def wait_for(
        self, condition: Callable[[], bool], name: str, *, timeout_seconds: float = READY_SECONDS
    ) -> None:
        """Wait until a daemon inside has done what it was started for.

        Raises:
            CentreError: It ended before, or has not done it within the bound; the message has its last words.
        """
        try:
            wait_until(lambda: condition() or not self.is_alive(name), name, timeout_seconds=timeout_seconds)
        except NotInTime as error:
            raise CentreError(self._explain(name, str(error))) from error
        if not condition():
            raise CentreError(self._explain(name, f"{name} has ended"))

    def _explain(self, name: str, problem: str) -> str:
        lines = self.log(name).read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:]
        return "\n  ".join([f'centre "{self.spec.name}": {problem}; the end of {self.log(name)}:', *lines])

    def start_controller(self) -> None:
        """Start slurmctld and wait until it listens; it takes up the state that the last one saved."""
        self.start(CONTROLLER, ["slurmctld", "-D", "-i", "-f", SLURM_CONF], user="slurm")
        self.wait_for(lambda: is_listening(self.spec.controller_port), CONTROLLER)

    def kill_controller(self) -> None:
        """End slurmctld by SIGKILL: it forgets what it had not saved yet."""
        self.kill(CONTROLLER)

    def node_up(self, number: int) -> None:
        """Start a node's slurmd, as the first process of the node's own process namespace."""
        node = self.spec.nodes[number]
        slurmd = ["slurmd", "-D", "-N", node, "-f", SLURM_CONF]
        unshare = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        self.start(node, [*unshare, "sh", "-c", _NODE_INIT, "node", *slurmd], user="root")

    def node_back(self, number: int) -> None:
        """Start a node that had ended, and wait until the controller takes it for one that works."""
        self.node_up(number)
        node = self.spec.nodes[number]
        self.wait_for(lambda: self.node_states().get(node, "unknown").isalpha(), node)

    def node_down(self, number: int) -> None:
        """End a node as a loss of power would: slurmd, job steps and payloads die at once."""
        self.kill(self.spec.nodes[number])

    def node_states(self) -> dict[str, str]:
        """Return the state of each node in Slurm's own words; empty while the controller does not answer."""
        answer = self.run(["sinfo", "--noheader", "--Node", "--format=%N %T"])
        return dict(line.split() for line in answer.stdout.splitlines()) if answer.returncode == 0 else {}

    def wait_idle(self) -> None:
        """Wait until all nodes are idle.

        Raises:
            CentreError: They are not within the bound; the message has their states.
        """
        idle = dict.fromkeys(self.spec.nodes, "idle")
        try:
            wait_until(lambda: self.node_states() == idle, "idle nodes", timeout_seconds=READY_SECONDS)
        except NotInTime as error:
            raise CentreError(
                f'centre "{self.spec.name}": nodes are not idle after {READY_SECONDS:g} s: '
                f'{self.node_states()}; see the logs in "{self.log(CONTROLLER).parent}"'
            ) from error

    def stop(self) -> None:
        """End every process of the centre and remove its files; logs stay. A no-op if it has ended."""
        self.enclosure.stop()
        spec_file(self.enclosure.root).unlink(missing_ok=True)


def spec_file(root: Path) -> Path:
    """Return where the values of the centre at this root are kept."""
    return root / "centre.json"
