"""Who is asked to take a case, which case is next, and that nobody is passed by for ever."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from bot.rules.handoff import handoff_policy
from bot.rules.routing import Colleague, Waiting, choose, place_of, skills_for, speaks
from storage.records import HandoffReason, StaffId

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
POLICY = handoff_policy()
LONG_AGO = NOW - timedelta(minutes=POLICY.best_fit_minutes)
LANGUAGES = ("en", "zh-Hans", "zh-Hant", "fr")
SKILLS = ("hardship", "dispute", "plans")

colleagues = st.lists(
    st.builds(
        Colleague,
        staff_id=st.integers(1, 12).map(StaffId),
        skills=st.frozensets(st.sampled_from(SKILLS)),
        languages=st.lists(st.sampled_from(LANGUAGES), max_size=2).map(tuple),
        load=st.integers(0, 6),
        capacity=st.integers(1, 5),
        leads=st.booleans(),
    ),
    max_size=8,
    unique_by=lambda one: one.staff_id,
)
cases = st.builds(
    Waiting,
    number=st.integers(1, 1000),
    since=st.integers(0, 3600).map(lambda ago: NOW - timedelta(seconds=ago)),
    language=st.sampled_from(LANGUAGES),
    skills=st.frozensets(st.sampled_from(SKILLS)),
    previous=st.none() | st.integers(1, 12).map(StaffId),
    passed_over=st.frozensets(st.integers(1, 12).map(StaffId), max_size=4),
)


def somebody(number: int, **how: object) -> Colleague:
    given_: dict[str, object] = {
        "skills": frozenset(), "languages": ("en",), "load": 0, "capacity": 3, **how
    }  # fmt: skip
    return Colleague(StaffId(number), **given_)


def waiting(**how: object) -> Waiting:
    return Waiting(**{"number": 1, "since": LONG_AGO, "language": "en", **how})


@given(case=cases, people=colleagues)
def test_nobody_is_asked_who_has_no_room_or_let_it_pass(
    case: Waiting, people: list[Colleague]
) -> None:
    chosen = choose(case, people, NOW, POLICY)
    if chosen is not None:
        one = next(one for one in people if one.staff_id == chosen)
        assert one.load < one.capacity
        assert chosen not in case.passed_over


@given(case=cases, people=colleagues)
def test_a_case_that_has_waited_a_while_is_held_out_whenever_anybody_has_room(
    case: Waiting, people: list[Colleague]
) -> None:
    long = Waiting(
        case.number, LONG_AGO, case.language, case.skills, case.previous, case.passed_over
    )
    able = [one for one in people if one.has_room and one.staff_id not in case.passed_over]
    assert (choose(long, people, NOW, POLICY) is not None) == bool(able)


@given(case=cases, people=colleagues)
def test_the_one_of_last_time_comes_first_if_they_have_room(
    case: Waiting, people: list[Colleague]
) -> None:
    chosen = choose(case, people, NOW, POLICY)
    room = {one.staff_id for one in people if one.has_room} - case.passed_over
    if case.previous in room:
        assert chosen == case.previous


@given(case=cases, people=colleagues)
def test_of_equals_the_least_loaded_is_asked(case: Waiting, people: list[Colleague]) -> None:
    chosen = choose(case, people, NOW, POLICY)
    if chosen is None or chosen == case.previous:
        return
    one = next(one for one in people if one.staff_id == chosen)
    for other in people:
        same = (
            other.has_room
            and other.staff_id not in case.passed_over
            and len(other.skills & case.skills) == len(one.skills & case.skills)
            and speaks(other.languages, case.language) == speaks(one.languages, case.language)
            and other.leads == one.leads
        )
        if same:
            assert Fraction(one.load, one.capacity) <= Fraction(other.load, other.capacity)


def test_skill_goes_before_language_and_language_before_load() -> None:
    skilled = somebody(1, skills=frozenset({"dispute"}), languages=("fr",), load=2)
    speaking = somebody(2, languages=("en",), load=2)
    idle = somebody(3, languages=("fr",), load=0)
    case = waiting(skills=frozenset({"dispute"}))
    assert choose(case, [idle, speaking, skilled], NOW, POLICY) == 1
    assert choose(waiting(), [idle, speaking, skilled], NOW, POLICY) == 2


def test_a_new_case_waits_for_who_speaks_its_language_and_is_busy() -> None:
    busy, other = somebody(1, load=3), somebody(2, languages=("fr",))
    assert choose(waiting(since=NOW), [busy, other], NOW, POLICY) is None
    assert choose(waiting(), [busy, other], NOW, POLICY) == 2


def test_a_leader_is_asked_when_everybody_else_is_full() -> None:
    leader, full = somebody(1, leads=True), somebody(2, load=3)
    assert choose(waiting(), [leader, somebody(2, load=2)], NOW, POLICY) == 2
    assert choose(waiting(), [leader, full], NOW, POLICY) == 1


def test_who_reads_one_chinese_script_speaks_with_those_who_write_the_other() -> None:
    assert speaks(["zh-Hans"], "zh-Hant")
    assert speaks([], "fr")
    assert not speaks(["en"], "zh-Hans")


def test_reasons_and_the_part_of_the_portfolio_ask_for_skills() -> None:
    wanted = skills_for([HandoffReason.DISPUTE, HandoffReason.ASKED], "small business", POLICY)
    assert wanted == {"dispute", "small business"}
    assert skills_for([HandoffReason.ASKED], "", POLICY) == frozenset()


ages = st.integers(0, 14 * 24 * 60).map(lambda minutes: NOW - timedelta(minutes=minutes))
shares = st.fractions(0, 2)
ordinary = st.sampled_from([one for one in HandoffReason if one is not HandoffReason.CRISIS])


@given(first=ages, second=ages, reason=ordinary, other=ordinary, share=shares, more=shares)
def test_nobody_is_overtaken_by_what_came_later_than_the_head_start(
    first: datetime,
    second: datetime,
    reason: HandoffReason,
    other: HandoffReason,
    share: Fraction,
    more: Fraction,
) -> None:
    bound = timedelta(
        minutes=max(POLICY.head_start_minutes.legal, POLICY.head_start_minutes.promised)
    )
    if second > first + bound:
        assert place_of(first, [reason], share, POLICY) < place_of(second, [other], more, POLICY)


@given(since=ages, share=shares, more=shares)
def test_the_law_then_what_is_promised_then_the_wait(
    since: datetime, share: Fraction, more: Fraction
) -> None:
    legal = place_of(since, [HandoffReason.LEGAL], Fraction(0), POLICY)
    little, much = sorted([share, more])
    asked = [HandoffReason.ASKED]
    assert legal <= place_of(since, asked, much, POLICY) <= place_of(since, asked, little, POLICY)
    assert place_of(since, asked, Fraction(0), POLICY) == since
