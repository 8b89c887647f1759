"""How a member leaves: its work comes to its end, then its accounts go, then its namespace.

Nothing here remembers how far it came: each look begins with what is still there. What runs is not
cancelled: that its member goes is no wish of its user's, and it ends by its `maxRunSeconds` at the latest.
"""

from collections.abc import Iterable

from computility.lifecycle.member_actions import (
    MemberAction,
    Release,
    RemoveAccount,
    RemoveNamespace,
    Unbind,
)
from computility.lifecycle.member_view import MemberView
from computility.model.names import member_namespace


def leave(view: MemberView, answer: Iterable[MemberAction]) -> tuple[MemberAction, ...]:
    """Decide the next step of a member that was deleted.

    While attempts are there its agent keeps its rights: it alone can say how they ended. `answer` tells it
    on the Lease to give back what has not started.
    """
    if view.home.is_foreign:
        return () if view.left.attempts else (Release(),)
    if view.left.attempts:
        return tuple(answer)
    return (*_clear(view), Release())


def _clear(view: MemberView) -> tuple[MemberAction, ...]:
    """Undo what was made for it, the rights first: an agent that still runs can make nothing anew."""
    home, namespace = view.home, member_namespace(view.member.metadata.name)
    if not home.exists or home.is_ending:
        return ()
    return (
        *(Unbind(namespace=namespace, account=account) for account in sorted(home.bound)),
        *(RemoveAccount(namespace=namespace, account=account) for account in sorted(home.accounts)),
        RemoveNamespace(namespace=namespace, uid=home.uid),
    )
