"""What becomes of an Assignment whose job is gone."""

from computility.lifecycle.hub_actions import Action, delete, give_up
from computility.model.assignment import Assignment, Desired


def decide_orphan(assignment: Assignment, live_job_uid: str | None) -> tuple[Action, ...]:
    """Decide about an Assignment that no job in the hub's view owns.

    Args:
        assignment: As observed.
        live_job_uid: Uid that a live GET of the job's namespace and name just answered; None for a 404.
            A view that merely lags must not end a running job.
    """
    work = assignment.spec.job
    if work is not None and live_job_uid == work.uid:
        return ()
    if assignment.status.state.is_terminal:
        return (delete(assignment),)
    if assignment.spec.desired is Desired.RUN:
        return (give_up(assignment),)
    return ()
