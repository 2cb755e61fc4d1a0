"""A small strategy as somebody would write it, for tests that change a line of it."""

from bot.rules.contact_limits import ContactPolicy, Hours

SCRIPTS = {"thanks.payment", "thanks.cleared", "reminder.early", "notice.arrears"}
POLICY = ContactPolicy(hours=Hours.parse("08:00-21:00"), cap_day=1, cap_week=4, cap_overdue=3)
HEAD = """strategy: mine
stages:
  before: {last: -1}
  today: {first: 0, last: 0}
  after: {first: 1}
payment_class: {due_dates: 3, grace_days: 1}
thanks: {payment: thanks.payment, cleared: thanks.cleared}
"""
"""All but its steps."""
STEP = {
    "id": "first", "day": 1, "at": "10:00", "valid_days": 1, "action": "message",
    "script": "reminder.early",
}  # fmt: skip
