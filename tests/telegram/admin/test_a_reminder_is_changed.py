"""An admin changes a reminder in Telegram, from the first look to the first who reads it."""

from datetime import timedelta

import pytest

from bot.telegram.admin.asked import PRESS
from scripts_library.library import default_library
from storage.records import Role
from tests.telegram.conversation import Person, Town

GREETED = "Hello {{ name }},\n\n"
NEW = """Hello {{ name }},

This is {{ lender }}. It may have slipped your mind, so here it is once more.

{% for loan in loans %}
{{ loan.product }}: {{ loan.due }}, due on {{ loan.due_date }}
Where to pay: {{ loan.pay_to }}

{% endfor %}
To talk to a person, send /human. To stop these messages, send /stop."""


@pytest.fixture
async def dana(town: Town) -> Person:
    return await town.staff("Dana", Role.ADMIN)


@pytest.fixture
async def lin(town: Town) -> Person:
    return await town.staff("Lin", Role.ADMIN)


async def test_from_the_first_look_to_the_first_reader(
    town: Town, dana: Person, lin: Person
) -> None:
    # looks around
    await dana.says("/scripts")
    dana.sees("What the bot says", "A second admin approves")
    await dana.taps("What we start")
    dana.sees("note.instalment_day", "Page 1 of 4")
    for _ in range(3):
        await dana.taps("▶")
    dana.sees("reminder.statement", "Page 4 of 4")
    await dana.says("/scripts find forgot")
    dana.sees("reminder.early")
    await dana.says("/scripts reminder.early en")
    dana.sees("The text that came with the program", "Hello Maria Lopez")

    # sees it as borrowers will
    await dana.taps("Preview")
    shown = dana.sees("Hello Priya Shah", "$862.40")
    assert shown.buttons["How to pay"] == "script_shown"
    await dana.taps("46 days late ▶")
    dana.sees("Hello Tom Becker", "$3,915.75", "46 days ago")
    await dana.taps("How to pay")
    assert "only a preview" in dana.toast
    await dana.taps("Back")

    # chooses which of its wordings, and writes something that cannot be
    await dana.taps("Change")
    dana.sees("reminder.early", "has 3 wordings: a, b, c")
    await dana.taps("All of them together")
    dana.sees("send the new text", "{{ name }}", "--- variant b")
    await dana.says(NEW.replace("{{ loan.due }}", "{{ loan.owed }}"))
    refused = dana.sees("To be mended", "line 6, loan.owed: there is no such value")
    assert "Ask for a review" not in refused.buttons

    # mends it by sending it again
    await dana.says(NEW)
    draft = dana.sees("#1 reminder.early", "draft", "+This is {{ lender }}. It may have slipped")
    assert "To be mended" not in draft
    dana.sees("Wordings taken out: b, c", "changes more than fits here")
    await dana.taps("The whole difference")
    dana.sees("---- variant c")
    await dana.taps("Back")
    await dana.taps("Preview")
    dana.sees("It may have slipped your mind", "Personal loan: $862.40")
    await dana.taps("Back")
    await dana.taps("Ask for a review")
    dana.sees("#1 reminder.early", "in review")

    # cannot approve it alone
    await dana.taps("Approve and publish")
    dana.sees("You wrote #1 yourself")

    # the second admin looks and approves
    lin.sees("Dana asks for a second look", "reminder.early")
    await lin.taps("Look at the draft")
    lin.sees("Written by Dana", "+This is {{ lender }}. It may have slipped")
    await lin.taps("Approve and publish")
    lin.sees("#1 is published", "from now on")
    dana.sees("Lin approved #1")

    # and it is said
    await dana.says("/scripts reminder.early")
    dana.sees("Version #1 by Dana", "It may have slipped your mind")
    assert "slipped" in town.office.library.script("reminder.early", "en").body

    # one tap, and it is not said any more
    await dana.taps("Take it back")
    dana.sees("#1 is taken back", "what came with the program")
    lin.sees("Dana took back #1")
    await dana.says("/scripts reminder.early")
    dana.sees("The text that came with the program")
    await dana.taps("History")
    dana.sees("#1 taken back, Dana")


async def test_everything_can_be_typed(town: Town, dana: Person, lin: Person) -> None:
    await dana.says("/scripts edit stop.done en")
    await dana.says("All right. From now on we will not send you reminders. /resume starts them.")
    dana.sees("#1 stop.done", "draft")
    await dana.says("/scripts submit 1 shorter")
    await lin.says("/scripts waiting")
    lin.sees("#1 stop.done", "in review", "shorter")
    await lin.says("/scripts return 1 please keep the part about notices")
    dana.sees("Lin would like #1", "please keep the part about notices")
    await dana.says("/scripts edit stop.done en")
    dana.sees("You go on with draft #1")
    await dana.says("All right. No more reminders. Notices the law asks for still come. /resume")
    await dana.says("/scripts submit 1")
    await lin.says("/scripts preview 1 late")
    lin.sees("Notices the law asks for still come")
    await lin.says("/scripts approve 1 2026-11-24 09:00")
    lin.sees("#1 is published", "from 24 November, 09:00")
    await dana.says("/scripts stop.done")
    dana.sees("#1 takes over on 24 November, 09:00")
    town.later(days=1)
    await dana.says("/scripts stop.done")
    dana.sees("Version #1 by Dana", "No more reminders")
    await dana.says("/scripts roll_back 1 too short after all")
    dana.sees("#1 is taken back")
    lin.sees("Dana took back #1", "too short after all")
    await dana.says("/scripts draft 1")
    dana.sees("Taken back by Dana", "too short after all")
    await dana.says("/scripts figures stop.done")
    dana.sees("It has not been sent yet")


async def test_one_of_several_wordings_is_changed_and_the_others_stay(
    town: Town, dana: Person, lin: Person
) -> None:
    await dana.says("/scripts edit thanks.cleared en b")
    dana.sees("wording b", "that settles all that was due")
    await dana.says("Hello {{ name }},\n\n{{ amount }} is here. Done. /stop /human")
    draft = dana.sees("-{{ amount }} has arrived", "+{{ amount }} is here. Done.")
    assert "taken out" not in draft
    await dana.taps("Ask for a review")
    await lin.says("/scripts approve 1")
    town.later(minutes=1)
    await dana.says("/scripts thanks.cleared")
    first, second = town.office.library.script("thanks.cleared", "en").wordings
    assert "everything that was due is now paid" in first.body
    assert second.body.endswith("is here. Done. /stop /human")


async def test_a_button_is_a_short_script(town: Town, dana: Person, lin: Person) -> None:
    anna = await town.borrower("B1", "Anna Berg")
    await dana.says("/scripts edit button.pay en")
    await dana.says("Ways to pay")
    await dana.taps("Ask for a review")
    await lin.says("/scripts approve 1")
    await anna.says("/balance")
    await anna.says("/menu")
    assert "Ways to pay" in anna.last.buttons
    await anna.taps("Ways to pay")
    anna.sees("Home loan")
    await anna.says("ways to pay")
    anna.sees("Home loan")


async def test_two_admins_with_the_same_script_lose_nothing(dana: Person, lin: Person) -> None:
    await dana.says("/scripts edit stop.done en")
    await lin.says("/scripts edit stop.done en")
    await lin.says("All right. No more reminders. /resume starts them again.")
    await dana.says("Very well. No more reminders. /resume starts them again.")
    dana.sees("Lin has changed this text in the meantime (#1)", "Nothing of yours was saved")
    await dana.says("/scripts draft 1")
    dana.sees("Written by Lin", "+All right")

    # what was looked at is what is approved
    await lin.says("/scripts submit 1")
    await dana.says("/scripts draft 1")
    old = dana.last
    await lin.says("/scripts edit stop.done en")
    await lin.says("All right. No reminders from now on. /resume starts them again.")
    await lin.says("/scripts submit 1")
    await dana.taps("Approve and publish", on=old)
    dana.sees("has changed in the meantime")


async def test_one_admin_is_enough_where_the_house_says_so(dana: Person, lin: Person) -> None:
    await dana.says("/scripts eyes")
    await dana.taps("One admin is enough")
    dana.sees("may approve it alone")
    lin.sees("Dana has changed who approves texts")
    await dana.says("/scripts edit stop.done en")
    await dana.says("All right. No more reminders. /resume starts them again.")
    await dana.says("/scripts submit 1")
    await dana.says("/scripts approve 1")
    dana.sees("#1 is published")


async def test_others_may_look_but_not_touch(town: Town) -> None:
    wei = await town.staff("Wei")
    await wei.says("/scripts reminder.late")
    assert "Change" not in wei.sees("reminder.late").buttons
    await wei.says("/scripts edit reminder.late")
    wei.sees("Your role does not allow this")
    for act in ("submit 1", "approve 1", "roll_back 1", "discard 1", "eyes off", "return 1"):
        await wei.says(f"/scripts {act}")
        wei.sees("Your role does not allow this")


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("approve", "You can write"),
        ("approve twelve", "You can write"),
        ("approve 99", "There is no version #99"),
        ("draft 99", "There is no version #99"),
        ("edit no.such", "There is no text called no.such"),
        ("show no.such", "There is no text called no.such"),
        ("edit answer.yes", "There is no text called answer.yes"),
        ("list nothing", "There is no text called nothing"),
        ("list answers 999999", "Page"),
        ("preview button.pay", "is a short label"),
        ("xyzzy plugh", "Nothing says"),
        ("find 没有人会这样说话吧", "Nothing says"),
        ("preview reminder.early nonsense 77 9", "Hello"),
    ],
)
async def test_strange_requests_get_an_answer(dana: Person, typed: str, answer: str) -> None:
    await dana.says(f"/scripts {typed}")
    dana.sees(answer)


async def test_a_story_in_chinese(town: Town) -> None:
    fang = await town.staff("方敏", Role.ADMIN, language="zh-Hans")
    lei = await town.staff("雷军", Role.ADMIN, language="zh-Hans")
    await fang.says("/scripts")
    fang.sees("机器人说的话都在这里")
    await fang.says("/scripts find 约好的日子")
    fang.sees("note.promise_day")
    await fang.says("/scripts edit stop.done")
    await fang.says("好的，从现在起不再给您发提醒。想恢复，发 /resume。")
    fang.sees("#1 stop.done", "草稿", "+好的，从现在起不再给您发提醒")
    await fang.taps("提交审核")
    await lei.taps("看草稿")
    await lei.taps("批准并发布")
    lei.sees("#1 已发布", "从现在起这样说")
    wang = await town.borrower("B1", "王芳", language="zh-Hans")
    await wang.says("/stop")
    wang.sees("好的，从现在起不再给您发提醒")


async def test_what_is_written_next_is_a_script_only_while_one_is_asked_for(
    town: Town, dana: Person
) -> None:
    await dana.says("/scripts edit stop.done en")
    await dana.taps("Cancel")
    dana.sees("nothing was changed")
    await dana.says("Just a thought.")
    dana.does_not_see("#1")
    town.now += timedelta(days=1)
    await dana.says("/scripts waiting")
    dana.sees("Nothing waits")


def test_everything_a_button_sends_fits_behind_it() -> None:
    library = default_library()
    keys = {*library.by_key, *(key for one in library.by_tag.values() for key in one.labels)}
    for key in keys:
        for tag in library.languages:
            for asks in ("preview {} {} 9 9", "history {} {}", "edit {} {} 9", "figures {} {}"):
                assert len(f"{PRESS}:{asks.format(key, tag)}".encode()) <= 64, key
