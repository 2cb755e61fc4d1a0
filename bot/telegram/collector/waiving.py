"""`/waive`: letting go of a part of what is owed, proposed here and decided by somebody else.

`/waive 35 penalty first time late`, with the loan's reference in front when there are several;
`/waive` alone shows what could be waived. `/waive 12 approved` answers a proposal.
"""

from datetime import datetime, timedelta
from typing import Any

from bot.errors import Refusal
from bot.services.cases import waivers
from bot.services.cases.case_file import own_case
from bot.services.cases.waiver_telling import APPROVED, REJECTED
from bot.services.cases.waivers import Part, Proposed
from bot.services.saying import Choice
from bot.telegram.amounts import read_amount
from bot.telegram.collector.meant import topic_here
from bot.telegram.collector.queue import number
from bot.telegram.talk import StaffHandler, StaffTalk
from storage.records import BorrowerId, Component, LoanId, Money

_WHY = "waiver.why"
_ANSWERED_WITHIN = timedelta(minutes=10)
_SHOWN = 7
_WORDS_OF_AN_ANSWER = 2


async def waive(talk: StaffTalk, args: str) -> None:
    """Propose, decide, or show what could be proposed."""
    words = args.split()
    if not words:
        await _choose(talk)
    elif len(words) == _WORDS_OF_AN_ANSWER and words[1].lower() in (APPROVED, REJECTED):
        await _decide(talk, words[0], words[1].lower())
    else:
        await _typed(talk, words)


async def decide_pressed(talk: StaffTalk, args: str) -> None:
    """ "waiver:12:approved", below the proposal."""
    which, _, outcome = args.partition(":")
    await _decide(talk, which, outcome)
    talk.notice("toast.done")


async def part_chosen(talk: StaffTalk, args: str) -> None:
    """ "waive_part:7:penalty": the next words say why, and how much if it is not all of it."""
    which, _, name = args.partition(":")
    if not which.isdecimal() or name not in set(Component):
        raise Refusal("waiver.how")
    borrower_id = await _borrower(talk)
    chosen = await _one(talk, borrower_id, LoanId(int(which[:18])), Component(name))
    data: dict[str, Any] = {
        "borrower": borrower_id,
        "loan": chosen.loan.loan_id,
        "component": str(chosen.component),
        "until": (talk.now + _ANSWERED_WITHIN).isoformat(),
    }
    await talk.ask(_WHY, data)
    values = {
        "part": talk.label(f"component.{chosen.component}"),
        "owed": chosen.owed,
        "product": chosen.loan.product,
    }
    await talk.show("waiver.why", values, [[talk.choice("waive_off")]])


async def given(talk: StaffTalk) -> bool:
    """Whether these words are the reason that was asked for; if so, the waiver is proposed."""
    question = await talk.asked()
    if question is None or question.name != _WHY or talk.incoming.reply_to is not None:
        return False
    data = question.data
    await talk.done()
    if talk.now >= datetime.fromisoformat(data["until"]):
        return False
    borrower_id, component = BorrowerId(data["borrower"]), Component(data["component"])
    chosen = await _one(talk, borrower_id, LoanId(data["loan"]), component)
    first, _, rest = talk.incoming.text.strip().partition(" ")
    amount = read_amount(first, chosen.owed)
    reason = talk.incoming.text if amount is None else rest
    await _propose(talk, borrower_id, chosen.loan.loan_id, component, amount, reason)
    return True


async def off(talk: StaffTalk, _args: str) -> None:
    await talk.done()
    await talk.show("waiver.off")


async def _borrower(talk: StaffTalk) -> BorrowerId:
    """The one whose topic this is, or the only one in hand."""
    here = await topic_here(talk)
    if here is not None:
        return (await own_case(talk.tx, talk.member, here)).borrower.borrower_id
    return await waivers.borrower_in_hand(talk.tx, talk.member)


async def _choose(talk: StaffTalk) -> None:
    borrower_id = await _borrower(talk)
    found = await waivers.waivable(talk.tx, talk.member, borrower_id, talk.now)
    if not found:
        raise Refusal("waiver.nothing")
    formats = talk.office.library.language(talk.reader.language).formats
    rows = [
        [
            Choice(
                f"{talk.label(f'component.{one.component}')} {formats.money(one.owed)}",
                f"waive_part:{one.loan.loan_id}:{one.component}",
            )
        ]
        for one in found[:_SHOWN]
    ]
    parts = [
        {
            "part": talk.label(f"component.{one.component}"),
            "owed": one.owed,
            "product": one.loan.product,
            "loan_ref": one.loan.loan_ref,
        }
        for one in found
    ]
    await talk.show("waiver.choose", {"parts": parts}, rows)


async def _typed(talk: StaffTalk, words: list[str]) -> None:
    """ "[LOAN] AMOUNT COMPONENT REASON"."""
    known = await waivers.owner(talk.tx, words[0])
    rest = words if known is None else words[1:]
    at, component = _component(talk, rest)
    amount_text, reason = " ".join(rest[:at]), " ".join(rest[at + 1 :])
    if known is None:
        borrower_id = await _borrower(talk)
        loan_id = await _only_loan(talk, borrower_id, component)
    else:
        borrower_id, loan_id = known
    chosen = await _one(talk, borrower_id, loan_id, component)
    amount = read_amount(amount_text, chosen.owed)
    if amount is None:
        raise Refusal("waiver.amount_unclear", currency=chosen.owed.currency)
    await _propose(talk, borrower_id, loan_id, component, amount, reason)


async def _propose(
    talk: StaffTalk,
    borrower_id: BorrowerId,
    loan_id: LoanId,
    component: Component,
    amount: Money | None,
    reason: str,
) -> None:
    made: Proposed = await waivers.propose_waiver(
        talk.tx, talk.office, talk.member, borrower_id, loan_id, component, amount, reason,
        talk.now,
    )  # fmt: skip
    values = {
        "case_number": made.number,
        "amount": made.amount,
        "part": talk.label(f"component.{component}"),
    }
    await talk.show("waiver.proposed", values)


async def _decide(talk: StaffTalk, which: str, outcome: str) -> None:
    work_id = number(which)
    await waivers.decide(talk.tx, talk.office, talk.member, work_id, outcome, talk.now)
    values = {"case_number": work_id, "outcome": talk.label(f"outcome.{outcome}")}
    await talk.show("work.done", values)


def _component(talk: StaffTalk, words: list[str]) -> tuple[int, Component]:
    """Where the component stands and which it is, in any language we speak."""
    for at, word in enumerate(words):
        for component in Component:
            if word.casefold() in _names(talk, component):
                return at, component
    raise Refusal("waiver.how")


def _names(talk: StaffTalk, component: Component) -> set[str]:
    labels = talk.office.library.labels_of(f"answer.component_{component}")
    known = {word.strip().casefold() for words in labels.values() for word in words.split(",")}
    return known | {str(component)}


async def _only_loan(talk: StaffTalk, borrower_id: BorrowerId, component: Component) -> LoanId:
    found = await waivers.parts_of(talk.tx, talk.member, borrower_id, talk.now)
    fitting = [one for one in found if one.component is component and one.owed]
    loan_refs = {one.loan.loan_ref: one.loan.loan_id for one in fitting or found}
    if len(loan_refs) != 1:
        raise Refusal("waiver.which_loan", loan_refs=list(loan_refs))
    return loan_refs.popitem()[1]


async def _one(
    talk: StaffTalk, borrower_id: BorrowerId, loan_id: LoanId, component: Component
) -> Part:
    found = await waivers.parts_of(talk.tx, talk.member, borrower_id, talk.now)
    return next(one for one in found if one.loan.loan_id == loan_id and one.component is component)


COMMANDS: dict[str, StaffHandler] = {"waive": waive}
PRESSES: dict[str, StaffHandler] = {
    "waiver": decide_pressed,
    "waive_part": part_chosen,
    "waive_off": off,
}
