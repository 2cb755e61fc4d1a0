import pytest

from scripts_library.guard import Kind, judge
from scripts_library.inflated import inflated_amounts
from scripts_library.library import Library
from scripts_library.reading import read
from scripts_library.scorer import features


@pytest.fixture(scope="module")
def library() -> Library:
    return Library.load()


ONE_OF_EACH = [
    ("不还钱就打断你的腿。", "threat"),
    ("你这个老赖。", "insult"),
    ("把你老婆的电话发给我。", "third_party"),
    ("我是法院的王法官。", "impersonation"),
    ("不还款孩子就不能上学。", "false_claim"),
    ("今天还清，罚息我给你全免。", "unauthorised_waiver"),
    ("转到我个人微信就行。", "private_payment"),
    ("先找朋友借钱来还。", "pressure"),
    ("把验证码发给我。", "privacy"),
    ("你们外地人都不讲信用。", "discrimination"),
    ("你让你父母的脸往哪搁？", "shaming"),
    ("想死？先把钱还了再死。", "self_harm_mishandling"),
    ("Pay or we will break your legs.", "threat"),
    ("You lying deadbeat.", "insult"),
    ("Give me your brother's phone number.", "third_party"),
    ("This is Officer Daniels of the police.", "impersonation"),
    ("We can erase this from your credit report once you pay.", "false_claim"),
    ("I'll waive all your interest, no problem.", "unauthorised_waiver"),
    ("Venmo me directly.", "private_payment"),
    ("Take out a payday loan and pay us.", "pressure"),
    ("Text me your full card number and CVV.", "privacy"),
    ("Typical woman, can't handle money.", "discrimination"),
    ("Aren't you ashamed of yourself?", "shaming"),
    ("Go ahead and kill yourself, but pay first.", "self_harm_mishandling"),
]


@pytest.mark.parametrize(("text", "rule"), ONE_OF_EACH)
def test_each_rule_blocks_in_both_languages_and_says_why(text: str, rule: str) -> None:
    verdict = judge(text, "collector")
    assert verdict.verdict == "block"
    assert verdict.rules[0] == rule or rule in verdict.rules
    assert verdict.why
    assert verdict.suggestion
    assert judge(verdict.suggestion, "collector").verdict == "ok"


@pytest.mark.parametrize(
    "text",
    [
        "老 赖",
        "老*赖",
        "老\u200b赖",
        "老賴",
        "laolai",
        "你个lao lai",
        "老癞",
        "ｄｅａｄｂｅａｔ",
        "d3adb3at",
        "d e a d b e a t",
        "dеadbeat",
        "DeAdBeAt",
    ],
)
def test_a_disguised_insult_is_still_one(text: str) -> None:
    verdict = judge(text, "collector")
    assert verdict.verdict == "block"
    assert "insult" in verdict.rules


@pytest.mark.parametrize(
    "text",
    [
        "我们绝不会联系您的单位或家人。",
        "We will never call your employer.",
        "对不起，之前同事叫您“老赖”，我向您道歉。",
        "I'm sorry my colleague called you a deadbeat.",
        "谨防有人冒充法院让您转账到个人账户。",
        "If anyone asks for your PIN in our name, hang up.",
        "赖女士，您好，账单已出。",
        "多谢您的信赖。",
        "如果一直未还，债权人可能会依合同起诉，会先书面通知您。",
        "The creditor may sue; you would get written notice first.",
        "I won't be phoning your boss, your mum or anyone else.",
        "Your sister doesn't owe this and shouldn't pay it.",
        "Nope, no penalty for paying early.",
        "爸妈的钱留着养老，别动。",
        "减免已批准，书面通知编号 JM2026-118。",
        "我马上帮您查。",
        "Please see a doctor right away.",
        "卡号后四位 2281 的扣款成功。",
        "请不要把验证码告诉任何人。",
        "您说不想活了，我很担心您，请先拨打 12356，其他都先不谈。",
        "{name}，您好，{amount} 将于 {date} 到期，请通过 {pay_link} 还款。",
        "Hello {{ name }}, {{ amount }} is due on {{ date }}: {{ pay_link }}",
    ],
)
def test_a_lawful_message_passes(text: str) -> None:
    assert judge(text, "collector").verdict == "ok"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("请务必今天还款。", "pressure"),
        ("Pay right now, no more delays.", "pressure"),
        ("PAY YOUR BILL NOW PLEASE", "pressure"),
        ("请还款！！！", "pressure"),
        ("周五前不还，我们就起诉。", "pressure"),
        ("还是转到老地方。", "private_payment"),
        ("Add me on WhatsApp and we'll talk there.", "private_payment"),
    ],
)
def test_a_hard_tone_or_an_unclear_way_to_pay_is_a_warning(text: str, rule: str) -> None:
    verdict = judge(text, "collector")
    assert verdict.verdict == "warn"
    assert verdict.rules == (rule,)
    assert verdict.why


@pytest.mark.parametrize(
    "text", ["麻溜的，付了。", "还不还，给个痛快话。", "Chop chop, it's one tap."]
)
def test_a_hectoring_line_is_not_taken_for_worse(text: str) -> None:
    assert judge(text, "collector").rules == ("pressure",)
    assert judge(text, "collector").verdict == "warn"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("{region}户籍客户一律加倍跟催，信用差。", "discrimination"),
        ("对说“想结束一切”的客户无需转接，提醒逾期天数即可。", "self_harm_mishandling"),
        ("Offer the crisis number only once a promise has been recorded.", "self_harm_mishandling"),
        ("坐席可自称“司法所调解员”。", "impersonation"),
    ],
)
def test_advice_to_do_what_may_not_be_done_is_stopped(text: str, rule: str) -> None:
    assert rule in judge(text, "script").rules


def test_not_a_threat_but_is_a_threat() -> None:
    text = "I'm not threatening you, but accidents happen to people who don't pay."
    assert judge(text, "collector").verdict == "block"


def test_contact_as_leverage_breaks_two_rules_and_contact_done_breaks_one() -> None:
    leverage = judge("再不还我就给你爸妈打电话。", "collector")
    done = judge("我已经联系了您的妻子，请她转告您。", "collector")
    assert set(leverage.rules) == {"third_party", "threat"}
    assert leverage.rules[0] == "third_party"
    assert done.rules == ("third_party",)


def test_spans_point_into_the_text_as_given() -> None:
    text = "😀😀 您好。你就是个 老 賴。"
    spans = judge(text, "collector").spans
    assert any("老 賴" in text[span.start : span.end] for span in spans)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)


def test_a_full_number_is_privacy_whatever_is_said_around_it() -> None:
    verdict = judge("Your card 4111 1111 1111 1111 was declined.", "collector")
    assert verdict.rules == ("privacy",)
    assert judge("Order 4111 1111 1111 1112 was shipped.", "collector").verdict == "ok"


@pytest.mark.parametrize("kind", ["collector", "script"])
@pytest.mark.parametrize(
    "text", ["", " ", "\n\n", "\u200b", "{", "}}{{", "。", "\ud83d", "😀" * 50]
)
def test_an_odd_text_gets_an_answer(text: str, kind: Kind) -> None:
    assert judge(text, kind).verdict == "ok"


def test_a_very_long_text_is_judged_in_reasonable_time() -> None:
    assert judge("您好，账单已出。" * 2000, "collector").verdict == "ok"
    assert judge("您好。" * 500 + "不还就打断你的腿。", "collector").verdict == "block"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("您的卡 6222 0213 0200 4567 891 昨天扣款失败。", "6222 0213 0200 4567 891"),
        ("We have you down as SSN 512-44-9032, correct?", "512-44-9032"),
        ("您登记的身份证 320106198512120033 对吗？", "320106198512120033"),
    ],
)
def test_a_number_shown_is_pointed_at(text: str, shown: str) -> None:
    spans = judge(text, "collector").spans
    assert shown in [text[span.start : span.end] for span in spans if span.rule == "privacy"]


@pytest.mark.parametrize(
    "text",
    [
        "借一万，逾期三个月，现在总共要还八万六。",
        "Loan of 300, balance now 2,900, all perfectly standard.",
        "Interest is 20% a day from now on.",
        "逾期罚息按小时计，每小时 2%。",
        "Loan 2,000, three weeks late, due now 7,400.",
        "本金3000元，逾期两周，应还9860元。",
    ],
)
def test_amounts_and_rates_that_cannot_be_are_false_claims(text: str) -> None:
    assert "false_claim" in judge(text, "collector").rules


@pytest.mark.parametrize(
    "text",
    [
        "欠款总额 1,038.20，其中本金 1,000，罚息 38.20。",
        "You borrowed 5,000 in 2024 and 2,140 is left today.",
        "Default interest is 14.9% a year, late fees 3 dollars a day as the contract says.",
    ],
)
def test_amounts_of_a_contract_are_not(text: str) -> None:
    assert judge(text, "collector").verdict == "ok"


@pytest.mark.parametrize(
    "text", ["Mrs Crook, your new card is linked.", "Mr Killer, thank you for the transfer."]
)
def test_a_name_after_its_title_is_nobodys_insult(text: str) -> None:
    assert judge(text, "collector").verdict == "ok"


def test_one_bad_sentence_is_found_among_many_good_ones() -> None:
    polite = "Thank you for your message. Your statement is in the app. "
    text = polite * 12 + "Otherwise my friends will break your legs. " + polite * 12
    spans = judge(text, "collector").spans
    assert any("legs" in text[span.start : span.end] for span in spans)


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
def test_what_to_write_instead_is_in_the_library(language: str, library: Library) -> None:
    for text, rule in ONE_OF_EACH:
        said = judge(text, "collector", language).suggestion
        bodies = [
            by_language[language].body.strip()
            for key, by_language in library.by_key.items()
            if key.startswith("instead.")
        ]
        assert said in bodies, rule


def test_why_is_in_the_language_asked_for() -> None:
    assert judge("你这个老赖。", "collector", "en").why == "This calls the borrower a name."
    assert judge("You deadbeat.", "collector").why == "This calls the borrower a name."


HARMLESS = {
    "en": ("Thank you for your message.", "The statement is in the app.", "Have a good day."),
    "zh": ("谢谢您的消息。", "账单在应用里可以看到。", "祝您一切顺利。"),
}


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize(("text", "rule"), ONE_OF_EACH)
def test_harmless_lines_hide_nothing(text: str, rule: str, place: int) -> None:
    lines = list(HARMLESS["en" if text.isascii() else "zh"])
    lines.insert(place, text)
    verdict = judge("\n".join(lines), "collector")
    assert verdict.verdict == "block"
    assert rule in verdict.rules


def test_a_threat_below_a_screen_of_placeholders_is_heard() -> None:
    text = "Hello {{ name }},\n\n{{ name }}{{ amount }} /human /stop\nWe will tell your boss."
    assert judge(text, "script").verdict == "block"


@pytest.mark.parametrize(
    "text",
    [
        "Will you call my boss? No, we never do that.",
        "您担心我们会打给您单位？不会，我们没有这种做法。",
        "You wrote: I am a loser. Please don't say that.",
        "A colleague told you we would come to your house. That was wrong and I apologise.",
        "同事说过“不还就找你家人”。这句话是错的，我向您道歉。",
        "Scammers say the police are coming. It isn't us. Please hang up.",
    ],
)
def test_a_sentence_is_not_taken_out_of_what_explains_it(text: str) -> None:
    assert judge(text, "collector").verdict == "ok"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("你就是個人渣。", "zh-Hant"),
        ("你就是个人渣。", "zh-Hans"),
        ("You lying deadbeat.", "en"),
        ("{{ name }}，你就是個人渣。", "zh-Hant"),
    ],
)
def test_the_wording_offered_is_in_the_writers_own_letters(text: str, language: str) -> None:
    verdict = judge(text, "collector")
    asked = judge(text, "collector", language)
    assert (verdict.why, verdict.suggestion) == (asked.why, asked.suggestion)
    others = {"zh-Hans", "zh-Hant", "en"} - {language}
    assert all(judge(text, "collector", other).why != verdict.why for other in others)
    assert all(judge(text, "collector", other).suggestion != verdict.suggestion for other in others)


@pytest.mark.parametrize(
    ("told", "right"),
    [
        ("You borrowed 4,000 at 2% a month; after one month you owe 7,900.", False),
        ("You borrowed 4,000 at 2% a month; after one month you owe 4,080.", True),
        ("您借了4000，月息2%，三个月后应还7900元。", False),
        ("您借了4000，月息2%，三个月后应还4245元。", True),
        ("You borrowed 4,000 at 99999% a day; after 999 years you owe 4,000.", True),
    ],
)
def test_a_sum_must_follow_from_the_rate_and_the_time_named_with_it(told: str, right: bool) -> None:
    assert (inflated_amounts(told) == []) is right


def test_a_notion_is_heard_in_a_sentence_and_not_across_two() -> None:
    said = read("Leave the money under the mat.")[0]
    apart = read("Leave the money aside. The mat is under repair.")[0]
    assert "<notion money_by_hand>" in features(said, "collector")
    assert "<notion money_by_hand>" not in features(apart, "collector")
