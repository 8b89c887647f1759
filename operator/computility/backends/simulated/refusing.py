"""Whether the controller takes a submission."""

from computility.backends.simulated.centre import Centre
from computility.backends.simulated.config import NodeGroup, Partition
from computility.backends.simulated.requests import Refusal, RefusalReason, Request


def find_refusal(centre: Centre, request: Request) -> Refusal | None:
    """Return why it is not taken; None if it is."""
    partition = centre.partitions.get(request.partition)
    if partition is None:
        return Refusal(
            reason=RefusalReason.UNKNOWN_PARTITION, message=f'there is no partition "{request.partition}"'
        )
    group = centre.groups[partition.group_name].config
    return (
        _beyond_limits(partition, request)
        or _beyond_nodes(group, request)
        or _beyond_queue(partition, centre.load[partition.name], len(request.index_set))
    )


def _beyond_limits(partition: Partition, request: Request) -> Refusal | None:
    for what, wanted, most in (
        ("nodes", request.nodes, partition.max_nodes),
        ("seconds", request.limit_seconds, partition.max_run_seconds),
    ):
        if most is not None and wanted > most:
            message = f'{wanted:g} {what} are more than the {most:g} that partition "{partition.name}" allows'
            return Refusal(reason=RefusalReason.LIMIT_EXCEEDED, message=message)
    return None


def _beyond_nodes(group: NodeGroup, request: Request) -> Refusal | None:
    for what, wanted, there in (
        ("nodes", request.nodes, group.nodes),
        ("cores per node", request.cores_per_node, group.cores),
        ("cards per node", request.cards_per_node, group.cards),
        ("MiB per node", request.memory_mib, group.memory_mib),
    ):
        if wanted > there:
            message = f'{wanted} {what} can never be had of "{group.name}", which has {there}'
            return Refusal(reason=RefusalReason.NEVER_FITS, message=message)
    return None


def _beyond_queue(partition: Partition, load: int, tasks: int) -> Refusal | None:
    if load + tasks <= partition.max_queued:
        return None
    if tasks > partition.max_queued:
        message = (
            f"{tasks} tasks at once are more than the {partition.max_queued} that partition "
            f'"{partition.name}" ever takes: raise its maxQueued'
        )
        return Refusal(reason=RefusalReason.BEYOND_QUEUE, message=message)
    return Refusal(
        reason=RefusalReason.QUEUE_FULL,
        message=(
            f'{load} tasks wait or run in partition "{partition.name}", {tasks} more would be beyond '
            f"its {partition.max_queued}"
        ),
    )
