"""Where a borrower stands now: facts and what follows from them, derived once per look.

The home message, the contact policy's question, the brief of a case and a reminder all read this,
so they can never disagree.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from bot.rules import ageing, plan_standing, promise
from bot.rules.ledger import BorrowerStanding, ItemStanding, LoanStanding, borrower_standing
from bot.rules.local_time import LocalTime, latest_day, local_time_of
from bot.rules.plan_standing import PlanStanding
from bot.rules.promise import PromiseOutcome
from storage import borrowers
from storage import facts as stored
from storage.engine import Transaction
from storage.records import BorrowerFacts, BorrowerId, ConversationState, Hold, Loan, Plan, Promise


@dataclass(frozen=True)
class Situation:
    """`facts` as they are at the instant `now`."""

    facts: BorrowerFacts
    now: datetime

    @cached_property
    def local_time(self) -> LocalTime:
        return local_time_of(self.facts.borrower)

    @property
    def zone(self) -> ZoneInfo:
        """For showing times; while the zone is unknown the first of the country's."""
        return self.local_time.zones[0]

    @cached_property
    def today(self) -> date:
        return self.local_time.day(self.now)

    @property
    def language(self) -> str:
        account = self.facts.account
        return (account.language if account else None) or self.facts.borrower.language

    @cached_property
    def standing(self) -> BorrowerStanding:
        return borrower_standing(self.facts.loans, self.today, latest_day(self.now))

    @cached_property
    def days_past_due(self) -> int | None:
        return ageing.days_past_due(self.standing)

    @property
    def overdue(self) -> bool:
        return (self.days_past_due or 0) > 0

    @cached_property
    def oldest_unpaid(self) -> ItemStanding | None:
        """Of all loans."""
        return self.standing.oldest_unpaid

    @property
    def owes(self) -> bool:
        """Something is left on some due item, due already or later."""
        return self.oldest_unpaid is not None

    @cached_property
    def _spoken_of(self) -> tuple[Loan, ...]:
        """Loans with something left, or else all: what is paid off may never be told of again."""
        owing = (loan for loan, one in self.loan_pairs() if one.outstanding or one.unpaid_items)
        return tuple(owing) or self.facts.loans

    @cached_property
    def as_of(self) -> date | None:
        """The day the oldest of the figures is from."""
        return min((loan.as_of for loan in self._spoken_of), default=None)

    @cached_property
    def balance_as_of(self) -> datetime | None:
        """The instant the oldest figures describe: the end of their day, or their arrival."""
        told = (
            (loan.as_of, loan.told_at or self.facts.loans_imported_at) for loan in self._spoken_of
        )
        return min((described_at(day, at, self.zone) for day, at in told if at), default=None)

    @property
    def holds(self) -> tuple[Hold, ...]:
        """Those in force now."""
        return tuple(
            hold
            for hold in self.facts.holds
            if hold.start <= self.now and (hold.end is None or self.now < hold.end)
        )

    @property
    def state(self) -> ConversationState:
        talk = self.facts.conversation
        return talk.state if talk else ConversationState.BOT

    @cached_property
    def open_promise(self) -> Promise | None:
        """The newest promise that is still open."""
        return next(
            (
                one
                for one in reversed(self.facts.promises)
                if self.judged(one).outcome is PromiseOutcome.OPEN
            ),
            None,
        )

    def judged(self, one: Promise) -> promise.Judgement:
        """What became of a promise by today."""
        return promise.judge(
            one,
            promise.payments_in_scope(one, self.facts.loans),
            self.today,
            country=self.facts.borrower.country,
            local_time=self.local_time,
            known=latest_day(self.now),
        )

    @cached_property
    def plans(self) -> tuple[tuple[Plan, PlanStanding], ...]:
        """Every plan with where it stands today, oldest first."""
        return (
            ()
            if not self.facts.plans
            else tuple(
                (
                    plan,
                    plan_standing.plan_standing(
                        plan,
                        plan_standing.payments_in_scope(
                            plan, self.facts.loans, self.local_time, self.today
                        ),
                        self.today,
                        country=self.facts.borrower.country,
                        local_time=self.local_time,
                        waivers=plan_standing.waivers_in_scope(
                            plan, self.facts.loans, self.local_time
                        ),
                    ),
                )
                for plan in self.facts.plans
            )
        )

    @cached_property
    def active_plan(self) -> Plan | None:
        """The plan that was agreed to and is kept so far."""
        return next((plan for plan, standing in reversed(self.plans) if standing.is_kept), None)

    @property
    def plan_kept(self) -> bool:
        return self.active_plan is not None

    def loan_pairs(self) -> Iterable[tuple[Loan, LoanStanding]]:
        return zip(self.facts.loans, self.standing.loans, strict=True)


@lru_cache(maxsize=4_096)
def described_at(as_of: date, told_at: datetime, zone: ZoneInfo) -> datetime:
    """The instant figures of `as_of` describe: the end of that day, or their arrival before it."""
    day_ends = datetime.combine(as_of + timedelta(days=1), time(), zone)
    return min(day_ends.astimezone(UTC), told_at)


SHOWN_LOANS = 6
"""As many as a message is sure to have room for; the scripts say how many more there are."""


def first_loans(
    situation: Situation, *, unpaid_only: bool = False
) -> tuple[list[tuple[Loan, LoanStanding]], int | None]:
    """The loans to show, the longest unpaid first, and how many more there are (None: none)."""

    def unpaid_since(pair: tuple[Loan, LoanStanding]) -> date:
        oldest = pair[1].oldest_unpaid
        return oldest.due_date if oldest else date.max

    pairs = [pair for pair in situation.loan_pairs() if not unpaid_only or pair[1].unpaid_items]
    pairs.sort(key=unpaid_since)
    return pairs[:SHOWN_LOANS], len(pairs) - SHOWN_LOANS if len(pairs) > SHOWN_LOANS else None


async def situation_of(tx: Transaction, borrower_id: BorrowerId, now: datetime) -> Situation:
    """Raises LookupError for a borrower that does not exist."""
    return (await situations_of(tx, [borrower_id], now))[borrower_id]


async def alone_with(tx: Transaction, situation: Situation) -> Situation:
    """The situation, when nobody else agrees anything with this borrower until the end of `tx`.

    A borrower and a collector act in two chats at once; whoever comes second has to see what the
    first one agreed.
    """
    if not tx.is_postgresql:
        return situation  # there is one writer, and it has read this itself
    borrower_id = situation.facts.borrower.borrower_id
    await borrowers.alone(tx, borrower_id)
    return await situation_of(tx, borrower_id, situation.now)


async def situations_of(
    tx: Transaction, borrower_ids: Iterable[BorrowerId], now: datetime
) -> dict[BorrowerId, Situation]:
    found = await stored.of_borrowers(tx, borrower_ids, now)
    return {borrower_id: Situation(facts, now) for borrower_id, facts in found.items()}
