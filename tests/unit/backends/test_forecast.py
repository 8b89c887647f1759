"""What Slurm says of starts, read strictly."""

from collections.abc import Callable

import pytest

from computility.backends.protocol import BackendUnreachable, StartAsk
from computility.backends.slurm.capacity import Node
from computility.backends.slurm.cli import Command, Completed
from computility.backends.slurm.forecast import (
    Planned,
    explain_failure,
    is_left_over,
    parse_planned,
    parse_start,
    render_test,
)
from computility.backends.slurm.forecaster import Forecaster
from computility.model.reasons import Reason
from support.builders import NOON

HOUR = 3600
ASK = StartAsk(partition="cpu", nodes=2, run_seconds=HOUR)
NOW = NOON.timestamp()
# As 22.05.8 wrote it.
SAID = "sbatch: Job 8 to start at 1795535196 using 16 processors on nodes c[0-1] in partition cpu\n"
NO_SUCH_NODES = "allocation failure: Requested node configuration is not available\n"


@pytest.mark.parametrize(
    ("complaint", "start"),
    [
        pytest.param(SAID, 1795535196, id="a-start"),
        pytest.param("sbatch: defaulting to QOS normal\n" + SAID, 1795535196, id="after-a-sites-own-words"),
        pytest.param(SAID.replace("1795535196", "2026-11-24T15:46:36"), None, id="another-format-of-time"),
        pytest.param(SAID.strip() + " soon", None, id="more-behind-it"),
        pytest.param(SAID + SAID, None, id="twice"),
        pytest.param(NO_SUCH_NODES, None, id="a-refusal"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_only_one_whole_line_is_a_start(complaint: str, start: int | None) -> None:
    assert parse_start(complaint) == start


def test_a_question_is_asked_for_whole_nodes_with_all_their_cards_and_a_minute_more() -> None:
    argv = render_test(StartAsk(partition="gpu", nodes=2, run_seconds=HOUR + 1, cards_per_node=4))

    assert argv[0] == "sbatch"
    assert {"--test-only", "--exclusive", "--nodes=2-2", "--time=62", "--gres=gpu:4"} < set(argv)


def test_what_is_held_or_depends_on_others_is_not_planned() -> None:
    output = "1795542051|3|Resources|\nN/A|1|Priority|\nN/A|9|JobHeldUser|\n1795542051|9|Dependency|\n"

    assert parse_planned(output) == [Planned(1795542051, 3), Planned(None, 1)]


@pytest.mark.parametrize("line", ["1795542051|3|", "soon|3|Resources|", "N/A|some|Resources|"])
def test_a_line_of_another_shape_is_named(line: str) -> None:
    with pytest.raises(ValueError, match="squeue wrote"):
        parse_planned(line)


def nodes(idle: int, **changes: object) -> list[Node]:
    each = Node(partition="cpu", is_usable=True, cores=8, cores_used=0, cards=0, cards_used=0)
    return [each._replace(**changes) for _ in range(idle)]


@pytest.mark.parametrize(
    ("found", "planned", "is_left"),
    [
        pytest.param(nodes(2), [], True, id="enough-idle-nodes"),
        pytest.param(nodes(1), [], False, id="too-few"),
        pytest.param(nodes(2, cores_used=1), [], False, id="partly-used"),
        pytest.param(nodes(2, is_usable=False), [], False, id="drained"),
        pytest.param(nodes(2, partition="gpu"), [], False, id="of-another-partition"),
        pytest.param(nodes(2), [Planned(int(NOW) + HOUR + 60, 9)], True, id="over-before-that"),
        pytest.param(nodes(2), [Planned(int(NOW) + HOUR + 59, 1)], False, id="over-too-late"),
        pytest.param(nodes(3), [Planned(int(NOW), 1)], True, id="beside-it"),
        pytest.param(nodes(3), [Planned(None, 2)], False, id="nobody-knows-when"),
    ],
)
def test_nodes_are_left_over_beside_all_that_starts_before_the_job_would_be_over(
    found: list[Node], planned: list[Planned], is_left: bool
) -> None:
    assert is_left_over(ASK, found, planned, NOW) is is_left


def test_a_refusal_is_told_from_silence() -> None:
    refusal = explain_failure(NO_SUCH_NODES)

    assert refusal is not None
    assert refusal.reason is Reason.REQUEST_REFUSED
    assert explain_failure("allocation failure: Unable to contact slurm controller (connect failure)") is None


class Slurm:
    """Answers as a Slurm with two idle nodes would, with a start of whatever is asked for."""

    def __init__(self, start: Callable[[int], str], private: str = "jobs") -> None:
        self.asked: list[str] = []
        self._start, self._private = start, private

    async def run(self, command: Command) -> Completed:
        program = command.argv[0]
        self.asked.append(program)
        if program == "sbatch":
            size = next(word for word in command.argv if word.startswith("--nodes="))
            said = self._start(int(size.rpartition("-")[2]))
            return Completed(exit_code=0 if said.startswith("sbatch: Job") else 1, stderr=said.encode())
        lines = "".join(f"c{n}|cpu*|idle|0/8/0/8|(null)|gpu:0|\n" for n in range(2))
        config = f"PrivateData             = {self._private}\n"
        answers = {"sinfo": lines, "squeue": "", "config": config}
        last = command.argv[2] if program == "scontrol" else program
        return Completed(exit_code=0, stdout=answers.get(last, "No reservations in the system\n").encode())

    def forecaster(self) -> Forecaster:
        return Forecaster(env={}, runner=self.run, clock=lambda: NOON)


ASKS = [StartAsk(partition="cpu", nodes=n, run_seconds=HOUR) for n in (1, 2, 3)]


def says(late: float) -> str:
    return SAID.replace("1795535196", str(int(NOW + late)))


async def test_where_the_largest_starts_at_once_nothing_else_is_asked() -> None:
    slurm = Slurm(lambda _: says(59))

    assert await slurm.forecaster().ask(ASKS) == dict.fromkeys(ASKS, 0)
    assert slurm.asked.count("sbatch") == 1


async def test_what_slurm_refuses_is_left_out_and_the_others_are_asked() -> None:
    slurm = Slurm(lambda size: NO_SUCH_NODES if size == 3 else says(size * HOUR))

    assert await slurm.forecaster().ask(ASKS) == {ASKS[0]: HOUR, ASKS[1]: 2 * HOUR}


async def test_where_the_queue_is_seen_what_is_left_over_starts_at_once_whatever_is_said() -> None:
    slurm = Slurm(lambda _: says(9 * HOUR), private="none")

    assert await slurm.forecaster().ask(ASKS) == {ASKS[0]: 0, ASKS[1]: 0, ASKS[2]: 9 * HOUR}


async def test_an_answer_that_is_no_start_and_no_refusal_ends_the_questions() -> None:
    slurm = Slurm(lambda _: "allocation failure: Socket timed out on send/recv operation\n")

    with pytest.raises(BackendUnreachable, match="Socket timed out"):
        await slurm.forecaster().ask(ASKS)
    assert slurm.asked.count("sbatch") == 1
