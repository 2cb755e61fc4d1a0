"""The agreed days in the borrower's own calendar, without a word about a debt."""

from datetime import date

from icalendar import Calendar, Event

from tests.telegram.late import LATE
from tests.telegram.lending import Client, LendingTown


def _entries(client: Client) -> list[Event]:
    return list(Calendar.from_ical(client.last.file).events)


async def test_a_promised_day_becomes_an_entry_with_an_alarm(maria: Client) -> None:
    await maria.says("/promise 2026-11-27 600")
    await maria.taps("Confirm")
    noted = maria.last
    await maria.taps("Add to calendar")

    maria.hears("The day I noted")
    [entry] = _entries(maria)
    assert entry.start == date(2026, 11, 27)
    assert str(entry["summary"]) == "The day I noted"
    [alarm] = entry.alarms.times
    assert alarm.trigger.hour == 9
    assert "it is noted" in noted.text, "what was confirmed stays in the chat"


async def test_every_part_of_a_plan_that_is_still_to_come(maria: Client) -> None:
    await maria.says("/plan 3")
    await maria.taps("I agree")
    await maria.taps("Add to calendar")

    assert [entry.start for entry in _entries(maria)] == [
        date(2026, 12, 7), date(2027, 1, 6), date(2027, 2, 11),
    ]  # fmt: skip


async def test_another_day_gets_an_entry_of_its_own(maria: Client) -> None:
    ids = []
    for day in ("2026-11-27", "2026-11-28"):
        await maria.says(f"/promise {day} 600")
        await maria.taps("Confirm")
        await maria.taps("Add to calendar")
        [entry] = _entries(maria)
        ids.append(str(entry["uid"]))

    assert len(set(ids)) == 2


async def test_nothing_in_the_file_speaks_of_money_or_names_anybody(town: LendingTown) -> None:
    fang = await town.client("王芳", owes=[LATE], language="zh-Hans")
    await fang.says("/promise 2026-11-27 600")
    await fang.taps("确认")
    await fang.taps("加进日历")

    told = fang.last.file.decode()
    assert "约好的日子" in told
    for secret in ("600", "CNY", "王芳", "Greenfield", "1200"):
        assert secret not in told


async def test_without_an_agreed_day_there_is_no_file(maria: Client) -> None:
    await maria.says("/menu")
    await maria.presses("calendar")

    maria.hears("No day is noted")
    assert maria.last.file == b""
