"""Fits the weights of the second ear (bot/understanding/tables/hunch.bin).

It learns from the messages of dev.jsonl and, at half their weight, from sentences drawn from the
forms of talk.yaml. Needs scikit-learn, which the product does not: run it in an environment of its
own that has scikit-learn and PyYAML, with the repository on the path:

    PYTHONPATH=. python tests/corpora/understanding/fit_hunch.py
"""

import json
import random
import re
import struct
from pathlib import Path
from zlib import crc32

import numpy as np
import yaml
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from bot.understanding.decide import SENSITIVE
from bot.understanding.hunch import grams
from bot.understanding.normalise import normalise

HERE = Path(__file__).parent
WEIGHTS = HERE.parents[2] / "bot" / "understanding" / "tables" / "hunch.bin"
BUCKETS = 1 << 15
INVERSE_PENALTY = 40
DRAWN_OF_A_FORM, WEIGHT_OF_DRAWN = 8, 0.5

_WORD = re.compile(r"<(\w+)>")
_CHOICE = re.compile(r"\[([^\]]*)\]")


def main() -> None:
    lines = (HERE / "dev.jsonl").read_text("utf-8").splitlines()
    said = [(one["text"], _label(one)) for one in map(json.loads, lines)]
    drawn = _drawn(yaml.safe_load((HERE / "talk.yaml").read_text("utf-8")))
    texts, labels = zip(*said, *drawn, strict=True)
    weights = [1.0] * len(said) + [WEIGHT_OF_DRAWN] * len(drawn)
    model = LogisticRegression(C=INVERSE_PENALTY, max_iter=400)
    model.fit(_features(texts), labels, sample_weight=weights)
    _write(model)


def _write(model: LogisticRegression) -> None:
    grave = [name for name in model.classes_ if name in SENSITIVE]
    harmless = [name for name in model.classes_ if name not in SENSITIVE]
    order = [list(model.classes_).index(name) for name in grave + harmless]
    weights, biases = model.coef_[order], model.intercept_[order]
    scales = np.abs(weights).max(1) / 127
    table = np.clip(np.round(weights / scales[:, None]), -127, 127).astype(np.int8)
    header = f"{','.join(grave)};{','.join(harmless)}|{BUCKETS}\n".encode()
    floats = struct.pack(f"<{2 * len(scales)}f", *biases, *scales)
    WEIGHTS.write_bytes(header + floats + table.T.tobytes())


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
    columns: list[int] = []
    values: list[float] = []
    ends = [0]
    for text in texts:
        found = sorted({crc32(gram.encode()) % BUCKETS for gram in grams(normalise(text).text)})
        columns += found
        values += [1 / np.sqrt(len(found) or 1)] * len(found)
        ends.append(len(columns))
    return csr_matrix((values, columns, ends), shape=(len(texts), BUCKETS))


def _label(example: dict[str, dict[str, list[str] | bool]]) -> str:
    expected = example["expected"]
    main_intent = expected["intents"][0]
    astray = expected["handoff"] and main_intent not in SENSITIVE
    return "dispute" if astray else str(main_intent)


if __name__ == "__main__":
    main()
