"""The hours of an invented town: who acts when, and what the bot need not look at."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from benchmarks.lending import office
from bot.rehearsal import acts, population
from bot.rehearsal.diary import Stretch
from bot.rehearsal.town import Town, Watched
from bot.rehearsal.wire import Wire

DAY = timedelta(days=1)
START = datetime(2026, 10, 12, tzinfo=UTC)


def _town(folder: Path, people: int) -> Town:
    storage = Watched.open(f"sqlite:///{folder}/town.sqlite3", durable=False)
    some = population.invent(people, 1, START, 30)
    return Town(storage, office(), folder, some, Wire({}, Random(1)), Random(1))


async def _nothing(_now: datetime) -> None:
    return None


def test_a_payment_that_was_found_is_waited_for_until_the_file_tells_of_it() -> None:
    (who,) = population.invent(1, 1, START, 30)
    over = Stretch(START - 3 * DAY, START - 2 * DAY)
    found = Stretch(START - DAY, START + 2 * DAY)
    who.diary.holds[acts.CLAIM] = [over, found]
    acts.payment_known(who, START)
    assert (over.end, found.end) == (START - 2 * DAY, START)


def test_in_a_small_town_everybody_acts_at_their_own_minute(tmp_path: Path) -> None:
    town = _town(tmp_path, 20)
    town.at(START.replace(hour=9, minute=7), _nothing)
    assert town.next_event_at == START.replace(hour=9, minute=7)


def test_in_a_large_town_who_acts_within_a_quarter_of_an_hour_does_so_at_its_end(
    tmp_path: Path,
) -> None:
    town = _town(tmp_path, 201)
    town.at(START.replace(hour=9, minute=7, second=3), _nothing)
    assert town.next_event_at == START.replace(hour=9, minute=15)
    town.at(START.replace(hour=9), _nothing)
    assert town.next_event_at == START.replace(hour=9), "the end of a quarter is one itself"


async def test_whoever_writes_is_noticed_and_whoever_reads_is_not(tmp_path: Path) -> None:
    storage = _town(tmp_path, 1).storage
    async with storage.reading():
        pass
    assert storage.changes == 0
    async with storage.transaction():
        pass
    assert storage.changes == 1
    await storage.close()
