"""Fits the weights of the second ear (bot/understanding/tables/hunch.bin).

It learns from the messages of dev.jsonl and once_sealed.jsonl, which one author wrote, and more
from those of authors who never saw the product: strangers.jsonl, more_strangers.jsonl,
later_strangers.jsonl, inboxes.jsonl, weighed.jsonl, and taught.jsonl, which was written for this,
half of it sensitive without the usual words and half of it harmless with them. Nobody mends a
pattern by the lines of the last two. Least of all it learns from sentences drawn from the forms of
talk.yaml. Needs scikit-learn, which the product does
not: run it in an environment of its own that has scikit-learn and PyYAML, with the repository on
the path:

    PYTHONPATH=. python tests/corpora/understanding/fit_hunch.py
"""

import json
import random
import re
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import yaml
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from bot.understanding.hunch import Hunch, buckets, heard, judged, letter_grams, word_grams
from bot.understanding.intents import SENSITIVE
from bot.understanding.normalise import normalise
from bot.understanding.notions import notion_grams

HERE = Path(__file__).parent
WEIGHTS = HERE.parents[2] / "bot" / "understanding" / "tables" / "hunch.bin"
LETTERS, WORDS, NOTIONS = 1 << 15, 1 << 15, 1 << 15
LOUDNESS_OF_WORDS, LOUDNESS_OF_NOTIONS = 0.7, 0.9
INVERSE_PENALTY = 10
DRAWN_OF_A_FORM, WEIGHT_OF_DRAWN = 8, 0.5
WEIGHT_OF_OWN, WEIGHT_OF_STRANGERS = 3.0, 8.0
WEIGHT_OF_DANGER = 2.5
"""Missing danger to life is worse than anything else."""

_WORD = re.compile(r"<(\w+)>")
_CHOICE = re.compile(r"\[([^\]]*)\]")


STRANGERS = ("strangers", "more_strangers", "later_strangers", "inboxes", "taught", "weighed")


def main() -> None:
    _write(fitted())


def fitted(but: frozenset[str] = frozenset()) -> LogisticRegression:
    """A model that has met everything but what these authors wrote."""
    own, strangers = _said("dev", "once_sealed"), _said(*STRANGERS, but=but)
    drawn = _drawn(yaml.safe_load((HERE / "talk.yaml").read_text("utf-8")))
    texts, labels = zip(*own, *strangers, *drawn, strict=True)
    weights = [WEIGHT_OF_OWN] * len(own) + [WEIGHT_OF_STRANGERS] * len(strangers)
    weights += [WEIGHT_OF_DRAWN] * len(drawn)
    weights = [
        weight * (WEIGHT_OF_DANGER if label == "crisis" else 1.0)
        for weight, label in zip(weights, labels, strict=True)
    ]
    model = LogisticRegression(C=INVERSE_PENALTY, max_iter=3000, tol=1e-5)
    return model.fit(_features(texts), labels, sample_weight=weights)


def listener(model: LogisticRegression) -> Callable[[str], Hunch]:
    """An ear of this model that hears plain texts, as `hunch` does."""

    def listen(text: str) -> Hunch:
        shares = model.predict_proba(_of_plain([heard(text)]))[0]
        return judged(dict(zip(model.classes_, map(float, shares), strict=True)))

    return listen


def author(example: dict[str, str]) -> str:
    """Who wrote it: messages are numbered by author."""
    return example["id"].rpartition("-")[0]


def _said(*parts: str, but: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
    """The messages of these parts with their main intent."""
    lines = [
        line for part in parts for line in (HERE / f"{part}.jsonl").read_text("utf-8").splitlines()
    ]
    examples = [one for one in map(json.loads, lines) if author(one) not in but]
    return [(one["text"], _label(one)) for one in examples]


def _write(model: LogisticRegression) -> None:
    grave = [name for name in model.classes_ if name in SENSITIVE]
    harmless = [name for name in model.classes_ if name not in SENSITIVE]
    order = [list(model.classes_).index(name) for name in grave + harmless]
    weights, biases = model.coef_[order], model.intercept_[order]
    scales = np.abs(weights).max(1) / 127
    table = np.clip(np.round(weights / scales[:, None]), -127, 127).astype(np.int8)
    header = f"{','.join(grave)};{','.join(harmless)}"
    header += f"|{LETTERS}|{WORDS}|{NOTIONS}|{LOUDNESS_OF_WORDS}|{LOUDNESS_OF_NOTIONS}\n"
    floats = struct.pack(f"<{2 * len(scales)}f", *biases, *scales)
    WEIGHTS.write_bytes(header.encode() + floats + table.T.tobytes())


def _drawn(forms: dict[str, dict[str, str] | list[str]]) -> list[tuple[str, str]]:
    """Sentences with their intent, the same ones every time."""
    chance = random.Random(11)
    words = {name: listed.split("|") for name, listed in dict(forms.pop("words")).items()}
    return [
        (sentence, intent)
        for intent, listed in forms.items()
        for form in listed
        for sentence in dict.fromkeys(
            _sentence(form, words, chance) for _ in range(DRAWN_OF_A_FORM)
        )
    ]


def _sentence(form: str, words: dict[str, list[str]], chance: random.Random) -> str:
    spelt = _WORD.sub(lambda match: chance.choice(words[match[1]]), form)
    return _CHOICE.sub(lambda match: chance.choice(match[1].split("|")), spelt).strip()


def _features(texts: tuple[str, ...]) -> csr_matrix:
    return _of_plain([heard(normalise(text).text) for text in texts])


def _of_plain(plain: list[str]) -> csr_matrix:
    words = LOUDNESS_OF_WORDS * _hashed(plain, word_grams, WORDS)
    notions = LOUDNESS_OF_NOTIONS * _hashed(plain, notion_grams, NOTIONS)
    return hstack([_hashed(plain, letter_grams, LETTERS), words, notions]).tocsr()


def _hashed(plain: list[str], told: Callable[[str], Iterator[str]], size: int) -> csr_matrix:
    columns: list[int] = []
    values: list[float] = []
    ends = [0]
    for text in plain:
        found = sorted(buckets(told(text), size))
        columns += found
        values += [1 / np.sqrt(len(found))] * len(found)
        ends.append(len(columns))
    return csr_matrix((values, columns, ends), shape=(len(plain), size))


def _label(example: dict[str, dict[str, list[str] | bool]]) -> str:
    """The main intent, or what needs a person beside it; money gone astray is a dispute."""
    expected = example["expected"]
    intents = list(expected.get("intents", ["other"]))
    if not expected["handoff"]:
        return intents[0]
    return next((one for one in intents if one in SENSITIVE), "dispute")


if __name__ == "__main__":
    main()
