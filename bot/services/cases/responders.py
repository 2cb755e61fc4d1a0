"""Who may speak in a frozen conversation, and so be asked to take one."""

from storage.records import HandoffReason, Role, StaffMember

_CRISIS_SKILL = "crisis"


def may_respond(member: StaffMember, reasons: tuple[HandoffReason, ...]) -> bool:
    """Whether somebody may speak in a frozen conversation.

    Compliance may; in a crisis also a supervisor or whoever has the skill, named by taking it.
    """
    if member.role is Role.COMPLIANCE:
        return True
    named = member.role is Role.SUPERVISOR or _CRISIS_SKILL in member.skills
    return named and HandoffReason.CRISIS in reasons
