"""The traditional library follows the simplified one, with what people corrected by hand."""

from scripts_library.library import Library
from scripts_library.traditional import FROM, TO, converted, out_of_step


def test_the_traditional_files_are_what_the_simplified_ones_make() -> None:
    assert list(out_of_step()) == [], "python -m scripts_library.traditional"


def test_the_traditional_library_is_whole(library: Library) -> None:
    simplified, traditional = library.by_tag[FROM], library.by_tag[TO]
    assert set(traditional.labels) == set(simplified.labels)
    assert not traditional.partial
    assert all({FROM, TO} <= set(some) for some in library.by_key.values())


def test_readers_in_taiwan_and_hong_kong_are_served_in_their_letters(library: Library) -> None:
    early = library.script("reminder.early", "zh-HK").body
    assert "這裡是" in early
    assert "帳目" in early
    assert library.label("button.paid", "zh-TW") == "我已還款"


def test_no_simplified_letter_is_left() -> None:
    simplified = set("们这为说对时还给发问话请账关样让点开达额笔错误应")
    files, _ = converted()
    found = {(name, letter) for name, text in files.items() for letter in simplified & set(text)}
    assert found == set()
