"""The borrowers of the demo: invented people, each with a story that opens on the day of the show.

Names are made up, phone numbers are of the ranges kept for films or belong to nobody.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Debt:
    """A loan paid in equal monthly items.

    `oldest_unpaid`: days from the opening day to the oldest unpaid due date, negative before it.
    Amounts are minor units an item; `late_fee` is on items overdue when the story opens, `paid`
    the part of the oldest unpaid item that was paid already.
    """

    product: str
    currency: str
    oldest_unpaid: int
    principal: int
    interest: int
    late_fee: int = 0
    paid: int = 0
    items_before: int = 4
    items_after: int = 5


@dataclass(frozen=True, slots=True)
class Person:
    """`story`: for whoever plays them, by language. `linked`: met the bot before the story opens.
    `pays`: settles each item on its day.
    """

    name: str
    language: str
    country: str
    timezone: str
    phone: str
    story: dict[str, str]
    debts: tuple[Debt, ...]
    linked: bool = True
    consents: bool = True
    pays: bool = False
    segment: str = "retail"


def _story(english: str, chinese: str) -> dict[str, str]:
    return {"en": english, "zh-Hans": chinese}


_LOAN = "Consumer loan"
_LOAN_ZH = "消费贷"

CAST: tuple[Person, ...] = (
    Person(
        "沈若溪", "zh-Hans", "CN", "Asia/Shanghai", "+86 100 0000 0001",
        _story("Due tomorrow, always paid in time.", "明天到期，一向按时还款。"),
        (Debt(_LOAN_ZH, "CNY", 1, 118_000, 6_350),),
    ),
    Person(
        "Ava Whitcombe", "en", "GB", "Europe/London", "+44 7700 900101",
        _story("Due today.", "今天到期。"),
        (Debt("Car loan", "GBP", 0, 21_000, 2_140),),
    ),
    Person(
        "周明远", "zh-Hans", "CN", "Asia/Shanghai", "+86 100 0000 0002",
        _story("One day late, probably forgot.", "逾期一天，多半是忘了。"),
        (Debt(_LOAN_ZH, "CNY", -1, 83_200, 4_180),),
    ),
    Person(
        "Marcus Hale", "en", "US", "America/New_York", "+1 202 555 0101",
        _story("Nine days late.", "逾期九天。"),
        (Debt(_LOAN, "USD", -9, 24_600, 3_115, late_fee=1_500),),
    ),
    Person(
        "何佳宁", "zh-Hans", "CN", "Asia/Shanghai", "+86 100 0000 0003",
        _story(
            "Forty days late on one loan, twelve on another: time for a plan.",
            "一笔逾期四十天，另一笔十二天：适合谈分期。",
        ),
        (
            Debt(_LOAN_ZH, "CNY", -40, 156_000, 9_240, late_fee=3_000),
            Debt("教育分期", "CNY", -12, 64_000, 2_060, late_fee=1_000),
        ),
    ),
    Person(
        "Ruth Ellery", "en", "US", "America/Chicago", "+1 202 555 0102",
        _story("Ninety-five days late, lost her job in summer.", "逾期九十五天，夏天失业了。"),
        (Debt(_LOAN, "USD", -95, 31_000, 4_480, late_fee=2_500),),
    ),
    Person(
        "唐一诺", "zh-Hans", "CN", "Asia/Shanghai", "+86 100 0000 0004",
        _story("Pays each item on its day.", "每期都当天还。"),
        (Debt(_LOAN_ZH, "CNY", 2, 92_500, 3_760),),
        pays=True,
    ),
    Person(
        "罗志成", "zh-Hans", "CN", "Asia/Urumqi", "+86 100 0000 0005",
        _story("A small business, four days late.", "小微企业主，逾期四天。"),
        (Debt("小微经营贷", "CNY", -4, 1_250_000, 88_600, late_fee=12_000),),
        segment="small business",
    ),
    Person(
        "Priya Anand", "en", "US", "", "+1 202 555 0103",
        _story("Two days late, in an unknown time zone.", "逾期两天，不知道在哪个时区。"),
        (Debt(_LOAN, "USD", -2, 18_750, 1_905),),
    ),
    Person(
        "Oliver Strand", "en", "GB", "Europe/London", "+44 7700 900102",
        _story("Twenty days late, has paid a part.", "逾期二十天，已还一部分。"),
        (Debt("Furniture loan", "GBP", -20, 14_500, 980, late_fee=1_200, paid=6_000),),
    ),
    Person(
        "梁晓风", "zh-Hans", "CN", "Asia/Shanghai", "+86 100 0000 0006",
        _story(
            "Six days late, has a link and has not opened it yet.",
            "逾期六天，收到了链接，还没打开。",
        ),
        (Debt(_LOAN_ZH, "CNY", -6, 74_300, 5_020, late_fee=800),),
        linked=False,
    ),
    Person(
        "Grace Holloway", "en", "GB", "Europe/London", "+44 7700 900103",
        _story(
            "Due in three days, has a link and has not opened it yet.",
            "三天后到期，收到了链接，还没打开。",
        ),
        (Debt(_LOAN, "GBP", 3, 16_900, 1_320),),
        linked=False,
    ),
    Person(
        "Ben Castellan", "en", "US", "America/Denver", "+1 202 555 0104",
        _story(
            "Fifteen days late, never agreed to be written to.",
            "逾期十五天，从未同意接收消息。",
        ),
        (Debt(_LOAN, "USD", -15, 22_400, 2_730, late_fee=1_500),),
        linked=False,
        consents=False,
    ),
)  # fmt: skip
