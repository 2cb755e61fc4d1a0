"""English as it is written in Lagos, Manila, Singapore, Mumbai, Dublin or by those who learn it."""

from datetime import UTC, datetime

import pytest

from bot.understanding import Understanding, understand

MONDAY = datetime(2026, 11, 23, 3, tzinfo=UTC)


def reading(text: str) -> Understanding:
    return understand(text, now=MONDAY, timezone="Asia/Shanghai")


def promised(text: str) -> list[tuple[str | None, str | None]]:
    return [(str(one.date) if one.date else None, one.amount) for one in reading(text).promise]


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        # no more of oneself
        ("by sunday no more debt and no more me", "crisis"),
        ("soon there won't be a me to ring", "crisis"),
        ("the loan stops when i stop", "crisis"),
        ("go and collect it from my coffin", "crisis"),
        ("i don buy sniper, e don do", "crisis"),
        ("ayoko na mabuhay", "crisis"),
        ("penat hidup dah", "crisis"),
        ("marne ka mann kar raha hai", "crisis"),
        # staff are threatened
        ("your collector had better watch his back", "abuse"),
        ("i'll snap both his legs, tell him", "abuse"),
        ("god punish this your company", "abuse"),
        # benefits, shops, jobs
        ("i'm on ssdi and there's nothing over", "hardship"),
        ("my stall burnt down on market day", "hardship"),
        ("kena buang kerja bulan lepas", "hardship"),
        # figures held against ours
        ("Your balance of 900? My contract says 600.", "dispute"),
        ("the app debited 400 that i never authorised", "dispute"),
        # whom to leave alone, who is meant
        ("no dey call me at the office", "stop"),
        ("leave my husband out of this", "stop"),
        ("i am only the guarantor", "wrong_person"),
        ("Not Mrs. Adeyemi!", "wrong_person"),
        ("boleh cakap dengan pegawai", "human"),
        ("nahi dunga ek paisa", "refusal"),
    ],
)
def test_what_needs_a_person_is_named(text: str, intent: str) -> None:
    heard = reading(text)
    assert heard.handoff
    assert intent in heard.intents


@pytest.mark.parametrize(
    "text",
    [
        "no more debt no more stress, paying it all friday",
        "slept like a log",
        "nearly had a heart attack seeing that, i paid it already",
        "open bar at the wedding, send help",
        "this heat wan kill person",
        "the inverter is dead again",
        "not filing for bankruptcy or anything, 40 on tuesday",
        "my niece passed her bar exam",
        "terrible film, great popcorn",
        "the lady on the phone was so patient",
        "don't get excited, it's 20 on tuesday",
        "i am no millionaire but tuesday you get 30",
        "he's dead funny on the radio",
        "wrong chat, sorry",
        "the street is flooded, back later",
    ],
)
def test_talk_is_left_alone(text: str) -> None:
    assert not reading(text).handoff


@pytest.mark.parametrize(
    "text",
    [
        "i pay half yesterday",
        "settle liao, check first",
        "dah bayar boss",
        "bayad na po",
        "payment kar diya hai",
        "i don send am since morning",
        "i'm after sending ye that",
        "took care of that one",
        "that went in last friday",
        "gpay done, screenshot attached",
        "paid it off. all of it. hurray",
    ],
)
def test_a_payment_is_told_in_many_tongues(text: str) -> None:
    heard = reading(text)
    assert heard.intents[0] == "already_paid"
    assert not heard.promise


@pytest.mark.parametrize(
    "text",
    ["did i pay already", "once i pay liao i tell you", "if i paid yesterday would it show"],
)
def test_a_payment_asked_about_was_not_made(text: str) -> None:
    assert "already_paid" not in reading(text).intents


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # days of other tongues
        ("esok saya bayar 200", [("2026-11-24", "200.00")]),
        ("sa biyernes magbabayad ako ng 700", [("2026-11-27", "700.00")]),
        ("parso 900 bhej dunga", [("2026-11-25", "900.00")]),
        ("next month na 12 po, 800", [("2026-12-12", "800.00")]),
        ("this day week i'll give ye 40", [("2026-11-30", "40.00")]),
        # said without a verb of paying
        ("i'm good for 90 on the 30th", [("2026-11-30", "90.00")]),
        ("gonna get you two hundred on tuesday", [("2026-11-24", "200.00")]),
        ("thursday night i paynow you 75", [("2026-11-26", "75.00")]),
        ("the 28th it is", [("2026-11-28", None)]),
        ("give me ten days and you'll have it", [("2026-12-03", None)]),
        ("300 on friday, put it in writing if you want", [("2026-11-27", "300.00")]),
        ("friday 100 percent i will pay", [("2026-11-27", None)]),
        ("half on the 25th and the remaining half on the 30th",
         [("2026-11-25", "half"), ("2026-11-30", "half")]),
        # our words end where the quotation does
        ('you said "pay by the 24th", well it is going in on friday, 60',
         [("2026-11-27", "60.00")]),
        # days gone by, days ruled out
        ("mum in hospital since friday, nothing left to pay with", []),
        ("got laid off thursday, no idea how i'll pay", []),
        ("friday no go work. monday, 5k", [("2026-11-30", "5000.00")]),
        ("can't get to the branch on friday, but i will pay", [(None, None)]),
        # whose money it is
        ("the vet took 300 off me. yours on the 27th, 45", [("2026-11-27", "45.00")]),
        ("rent is 700 friday so you get 50 monday", [("2026-11-30", "50.00")]),
        ("sold the calf for 600, will send 200 tomorrow", [("2026-11-24", "200.00")]),
        ("told my sister i'd give her 900 tuesday, so it's you on thursday with 80",
         [("2026-11-26", "80.00")]),
        # no promise at all
        ("i can't do 100 on friday", []),
        ("not asking for an extension, 45 on friday", [("2026-11-27", "45.00")]),
    ],
)  # fmt: skip
def test_what_is_promised(text: str, expected: list[tuple[str | None, str | None]]) -> None:
    assert promised(text) == expected


@pytest.mark.parametrize(
    ("text", "instalments"),
    [
        ("i've 2 left, could you stretch those into 6", 6),
        ("can pay ansuran for half a year?", 6),
        ("3 kist mein kar do", 3),
        ("as per my records 9 EMIs are paid, you show 7", None),
    ],
)
def test_instalments(text: str, instalments: int | None) -> None:
    assert reading(text).instalments == instalments


@pytest.mark.parametrize(
    "text",
    [
        "what do i still owe",
        "did my last payment post?",
        "is my loan up to date",
        "balance kitna hai",
        '"Your instalment of 300 is due on the 9th" - is that before or after the fee?',
    ],
)
def test_figures_are_asked_for(text: str) -> None:
    assert reading(text).intents[0] == "balance"


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("maybe neither of us wakes up", "crisis"),
        ("sat in the garage, well, sat in my garage with the engine on", "crisis"),
        ("tell my girls i tried", "crisis"),
        ("pack it in with the calls", "stop"),
        ("quit lighting up my phone", "stop"),
        ("please mute all these alerts, she goes through my phone", "stop"),
        ("never ring the home phone", "stop"),
        ("you nasty little rat", "abuse"),
        ("ye crowd of chancers", "abuse"),
        ("60 friday so jog on", "abuse"),
        ("sod off, it is coming friday", "abuse"),
        ("such slow and sloppy service", "complaint"),
        ("he gave up this number last year", "wrong_person"),
    ],
)
def test_more_of_what_needs_a_person(text: str, intent: str) -> None:
    heard = reading(text)
    assert heard.handoff
    assert intent in heard.intents


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("tell them i tried to pay but it crashed", "crisis"),
        ("dun stop the reminders hor", "stop"),
        ("stupid dog ate my card", "abuse"),
        ("i jog on fridays", "abuse"),
        ("poker night got cancelled so paying you today", "dispute"),
        ("already sent it today please check again", "dispute"),
        ("my solicitor's fees wiped me out, 60 on friday", "legal_threat"),
    ],
)
def test_what_only_sounds_so(text: str, intent: str) -> None:
    assert intent not in reading(text).intents


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # a day and a sum that are all of a clause, beside anything
        ("you thieving little rats. 90 on friday", [("2026-11-27", "90.00")]),
        ("what a shambles of an app: 55 on friday", [("2026-11-27", "55.00")]),
        ("my phone died, sorry. 80 on friday", [("2026-11-27", "80.00")]),
        ("parasites, all of ye. 80 on friday and thats your lot", [("2026-11-27", "80.00")]),
        # shapes of a word given
        ("locking it in for the 28th", [("2026-11-28", None)]),
        ("u got my word, 80 friday", [("2026-11-27", "80.00")]),
        ("40 heading your way tomorrow", [("2026-11-24", "40.00")]),
        ("ill handle it saturday", [("2026-11-28", None)]),
        ("il sort u out friday", [("2026-11-27", None)]),
        ("my sister is covering it friday", [("2026-11-27", None)]),
        ("doing it after work", [("2026-11-23", None)]),
        ("ok two weeks, 45", [("2026-12-07", "45.00")]),
        ("paying friday dont worry", [("2026-11-27", None)]),
        ("you'll have the hundred on friday", [("2026-11-27", "100.00")]),
        # the lower end is sure whatever the rest depends on
        ("between 50 and 70 friday depending on tips, 50 for certain", [("2026-11-27", "50.00")]),
        ("friday, 60, even if it means selling the bike", [("2026-11-27", "60.00")]),
        # whose money, and which day
        ("i have to send my mum 40 today but you get 60 friday", [("2026-11-27", "60.00")]),
        ("rent goes out tuesday, then you lot friday", [("2026-11-27", None)]),
        ("got paid 900, landlord took 600, you get 100 tomorrow", [("2026-11-24", "100.00")]),
        ("cant do 200 will give 120 on friday", [("2026-11-27", "120.00")]),
        # part of it gone, part to come
        ("60 sent. 60 friday.", [("2026-11-27", "60.00")]),
        ("half is in, rest friday", [("2026-11-27", "full")]),
        ("paid 80 already & the last 40 is on the 28th", [("2026-11-28", "40.00")]),
        # nothing to come
        ("it came out on the 1st", []),
        ("bunged u 50 earlier", []),
        ("bought a telly for 200 on friday", []),
        ("friday the 13th, spooky", []),
        ("what day is it coming out", []),
        ("from where i will pay now", []),
        ("i have a plan and i am doing it tonight", []),
    ],
)
def test_more_shapes_of_a_promise(text: str, expected: list[tuple[str | None, str | None]]) -> None:
    assert promised(text) == expected


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("lobbed in the 45 on sunday", "45.00"),
        ("payment of 260 was accepted by you on the 2nd", "260.00"),
        ("finally i was able to pay the 1,200", "1200.00"),
        ("posted you a cheque for 95 on thursday", "95.00"),
        ("pls confirm receipt of 350", "350.00"),
        ("a hundred already sent", "100.00"),
    ],
)
def test_a_payment_told_with_its_sum(text: str, amount: str) -> None:
    assert [one.amount for one in reading(text).paid] == [amount]
    assert not reading(text).promise
