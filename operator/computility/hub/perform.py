"""What decisions about jobs ask for, done on the API server; its answers go into the store at once."""

from collections.abc import Iterable

from computility.hub.hub import Hub
from computility.hub.keys import Lane, member_of, member_work
from computility.kube.errors import AlreadyExists, ApiError, Forbidden, NotFound
from computility.lifecycle.hub_actions import Action, Create, Delete, GiveUp
from computility.model.assignment import Assignment, Desired
from computility.model.meta import Key, key_of


async def perform_all(actions: Iterable[Action], hub: Hub) -> ApiError | None:
    """Do one after the other; stop at the first that fails and return why."""
    try:
        for action in actions:
            await perform(action, hub)
    except ApiError as failure:
        return failure
    return None


async def perform(action: Action, hub: Hub) -> None:
    """Do one thing; that it is done already is as good.

    Raises:
        ApiError: As its class says.
    """
    match action:
        case Create(assignment=assignment):
            await _create(assignment, hub)
        case GiveUp():
            await _give_up(action, hub)
        case Delete():
            hub.disposal.add(action)


async def _create(assignment: Assignment, hub: Hub) -> None:
    try:
        hub.intake.seen(await hub.client.create(assignment))
    except AlreadyExists:
        # A watch that lags, or an earlier try whose answer was lost: see what is there.
        await read_assignment(key_of(assignment.metadata), hub)
    except (NotFound, Forbidden):
        # The namespace is gone, or on its way: it is made again if the member is still there. Until then
        # the create is tried later and later, as whatever fails.
        hub.queue.add(member_work(member_of(assignment.metadata.namespace)), Lane.ENDS)
        raise


async def _give_up(action: GiveUp, hub: Hub) -> None:
    # No resourceVersion: the wish only ever goes from Run to Cancel, and must not lose against reports.
    patch = {"metadata": {"uid": action.uid}, "spec": {"desired": Desired.CANCEL.value}}
    try:
        hub.intake.seen(await hub.client.patch(Assignment, action.namespace, action.name, patch))
    except NotFound:
        hub.intake.gone(Assignment, Key(action.namespace, action.name), action.uid)


async def read_assignment(key: Key, hub: Hub) -> None:
    """Bring the store's copy of one Assignment up to date."""
    found = await hub.client.find(Assignment, *key)
    if found is not None:
        hub.intake.seen(found)
