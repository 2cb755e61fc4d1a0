from datetime import date

from bot.services.portfolio.plan import A_BATCH, ImportPlan
from storage.portfolio import LoanToApply, NewPayment, ToldLoan
from storage.records import BorrowerId, LoanId

DAY = date(2026, 11, 22)


def payments(borrower_id: int, count: int) -> list[NewPayment]:
    return [
        NewPayment(BorrowerId(borrower_id), f"P-{borrower_id}-{n}", LoanId(1), 1, "CNY", DAY, None)
        for n in range(count)
    ]


def loan(number: int, items: int) -> LoanToApply:
    told = ToldLoan(
        f"L-{number}", "B-1", "loan", "CNY", 1, "bank", DAY, ((DAY, 1, 0, 0, 0),) * items
    )
    return LoanToApply(BorrowerId(1), None, told)


def test_a_batch_is_as_much_work_as_a_chat_can_wait_for() -> None:
    short = ImportPlan(loans=[loan(n, items=5) for n in range(3 * A_BATCH // 8)])
    long = ImportPlan(loans=[loan(n, items=360) for n in range(3 * A_BATCH // 8)])

    assert len(list(short.bodies())) == short.batch_count - 1 == 3
    assert 130 < len(list(long.bodies())) <= long.batch_count


def test_loans_that_payments_wait_for_are_more_work() -> None:
    count = A_BATCH // 8
    plan = ImportPlan(loans=[loan(n, items=5) for n in range(count)])
    plan.waiting.update({f"L-{n}": 6 for n in range(count)})

    assert len(list(plan.bodies())) == 10


def test_a_borrowers_payments_stay_in_one_batch() -> None:
    almost_full = A_BATCH // 2 - 1
    plan = ImportPlan(payments=payments(1, almost_full) + payments(3, 10) + payments(2, 500))

    first, second = plan.bodies()

    assert '"P-2-499"' in first, "the batch grows to keep the second borrower whole"
    assert '"P-3-0"' in second


def test_one_borrower_with_very_many_payments_is_cut_all_the_same() -> None:
    assert len(list(ImportPlan(payments=payments(1, 5 * A_BATCH // 2)).bodies())) == 3
