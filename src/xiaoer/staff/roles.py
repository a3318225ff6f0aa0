"""What each role may do. The server asks here for every action; pages ask here what to show."""

from typing import Literal

from xiaoer.errors import Forbidden

Role = Literal["owner", "manager", "staff", "viewer"]
Permission = Literal["read", "converse", "assign", "write", "teach", "people"]
"""read: see conversations and figures · converse: take over, write, note, tag, close · assign: give a conversation to
somebody, also away from somebody else · write: drafts of articles · teach: publish articles, canned replies, prompts ·
people: invite, change roles, reset."""

ROLES: dict[Role, frozenset[Permission]] = {
    "owner": frozenset({"read", "converse", "assign", "write", "teach", "people"}),
    "manager": frozenset({"read", "converse", "assign", "write", "teach"}),
    "staff": frozenset({"read", "converse", "write"}),
    "viewer": frozenset({"read"}),
}


class NotAllowed(Forbidden):
    """The role does not include the action."""


def may(role: Role, permission: Permission) -> bool:
    return permission in ROLES[role]


def require(role: Role, permission: Permission) -> None:
    """Raise `NotAllowed` unless the role includes the permission."""
    if not may(role, permission):
        raise NotAllowed("Your role does not include this. Ask the owner of the shop.")
