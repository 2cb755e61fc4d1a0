"""What a rehearsal led to, in figures and as a picture."""

from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random

import pytest

from bot.documents import drawing
from bot.rehearsal import outcome, picture
from bot.rehearsal.diary import Arrival, Diary
from bot.rehearsal.lender import Debt, Item, Paid
from bot.rehearsal.population import Invented
from bot.rehearsal.rehearsing import Report, rehearse
from bot.services.office import Office
from scripts_library.library import default_library
from tests.services.test_rehearsal import _office

START, END = date(2026, 10, 1), date(2026, 12, 1)
LATER = datetime(2026, 12, 2, tzinfo=UTC)


def someone(number: int, *paid: tuple[int, date], due: date = date(2026, 10, 10)) -> Invented:
    """Owes 100.00 on one day, and pays so much on those days."""
    ref = f"R-{number}"
    debt = Debt(ref, ref, "loan", "CNY", [Item(due, 10_000)])
    debt.paid = [Paid(f"{ref}-{at}", amount, on, LATER) for at, (amount, on) in enumerate(paid)]
    diary = Diary(ref, "CN", "Asia/Shanghai")
    return Invented(number, {}, {}, diary, [debt], Random(number))


@pytest.fixture
async def report(office: Office) -> Report:
    return await rehearse(office, days=14, borrowers=6, seed=5, progress=lambda _share: None)


@pytest.fixture
def office() -> Office:
    return _office()


def test_what_is_recovered_is_what_was_paid_after_its_day() -> None:
    on_time = someone(1, (10_000, date(2026, 10, 10)))
    never = someone(2)
    half = someone(3, (5_000, date(2026, 11, 1)))
    late = someone(4, (2_500, date(2026, 10, 9)), (7_500, date(2026, 11, 1)))
    found = outcome.recovery([on_time, never, half, late], START, END, seed=1)
    assert found is not None
    assert (found.borrowers, found.share) == (3, 0.5)
    assert 0 <= found.low < 0.5 < found.high <= 1
    assert outcome.recovery([on_time], START, END, seed=1) is None


def test_what_was_overdue_before_counts_from_the_start_and_what_is_due_later_does_not() -> None:
    before = someone(1, (4_000, date(2026, 9, 1)), (6_000, date(2026, 10, 20)),
                     due=date(2026, 8, 10))  # fmt: skip
    after = someone(2, due=END)
    found = outcome.recovery([before, after], START, END, seed=1)
    assert found is not None
    assert (found.borrowers, found.share) == (1, 1.0)


def test_hours_are_the_borrowers_own_and_replies_are_not_counted() -> None:
    who = someone(1)
    at = datetime(2026, 11, 1, 23, 30, tzinfo=UTC)  # the next morning in Shanghai
    who.diary.arrived = [
        Arrival(at, "step:1", "overdue", "", automated=True),
        Arrival(at, "reply:1", "reply", "", automated=False),
    ]
    assert outcome.contacts_by_hour([who]) == {(date(2026, 11, 2), 7): 1}


@pytest.mark.parametrize("language", default_library().languages)
async def test_a_rehearsal_is_drawn_in_every_language(
    report: Report, office: Office, language: str
) -> None:
    drawn = picture.content(report, office.library, language, collectors=2)
    cells = drawn["contacts"]["cells"]
    assert sum(count for _, _, count in cells) == sum(report.contacts_by_hour.values()) > 0
    assert all(0 <= day < drawn["days"] and 8 <= hour < 21 for day, hour, _ in cells)
    assert sum(drawn["tasks"]["counts"]) * 2 == sum(report.tasks_per_day.values())
    assert not [one for one in drawn["figures"] if "{" in repr(list(one.values()))]
    assert drawing.png("rehearsal", drawn, 36.0).startswith(b"\x89PNG")


async def test_nothing_at_all_can_be_drawn_too(report: Report, office: Office) -> None:
    nothing = outcome.Promises({}, None)
    empty = replace(report, contacts_by_hour={}, tasks_per_day={}, refusals={}, recovery=None,
                    promises=nothing, days=1)  # fmt: skip
    drawn = picture.content(empty, office.library, "en", collectors=1)
    assert drawing.png("rehearsal", drawn, 36.0).startswith(b"\x89PNG")
