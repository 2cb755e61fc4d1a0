import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts_library.guard import judge
from scripts_library.reading import read


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("ＡＢＣ", "abc"),
        ("還 款", "还款"),
        ("d\u200be\u200bb\u200bt", "debt"),
        ("Zoë", "zoe"),
        ("您好 ，再见", "您好,再见"),
        ("{ name }、{{ pay_link }}", "{x}、{x}"),
        ("{agent_card}", "{agent}"),
        ("两 个  words", "两个 words"),
    ],
)
def test_a_message_reads_the_same_however_it_is_written(written: str, plain: str) -> None:
    assert read(written)[0].text == plain


@given(st.text(alphabet=st.sampled_from("老赖 还钱abc.{}*1３😀\u200b賴\n"), max_size=60))
def test_every_span_of_a_view_lies_in_the_text(text: str) -> None:
    for view in read(text):
        assert len(view.origins) == len(view.text)
        for place in range(len(view.text)):
            start, end = view.span(place, place + 1)
            assert 0 <= start < end <= len(text)


@given(st.text(max_size=200))
def test_any_text_gets_a_verdict_with_spans_inside_it(text: str) -> None:
    verdict = judge(text, "collector")
    assert verdict.verdict in ("ok", "warn", "block")
    assert all(0 <= span.start < span.end <= len(text) for span in verdict.spans)
