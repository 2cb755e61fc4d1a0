"""Fits the weights of the second ear (bot/understanding/tables/hunch.bin) to dev.jsonl.

Needs scikit-learn, which the product does not: run it in an environment of its own that has
scikit-learn and PyYAML, with the repository on the path:

    PYTHONPATH=. python tests/corpora/understanding/fit_hunch.py
"""

import json
import struct
from pathlib import Path
from zlib import crc32

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from bot.understanding.decide import SENSITIVE
from bot.understanding.hunch import grams
from bot.understanding.normalise import normalise

HERE = Path(__file__).parent
WEIGHTS = HERE.parents[2] / "bot" / "understanding" / "tables" / "hunch.bin"
BUCKETS = 1 << 15
INVERSE_PENALTY = 40


def main() -> None:
    lines = (HERE / "dev.jsonl").read_text("utf-8").splitlines()
    examples = [json.loads(line) for line in lines]
    model = LogisticRegression(C=INVERSE_PENALTY, max_iter=400)
    model.fit(_features([one["text"] for one in examples]), [_label(one) for one in examples])
    grave = [name for name in model.classes_ if name in SENSITIVE]
    harmless = [name for name in model.classes_ if name not in SENSITIVE]
    order = [list(model.classes_).index(name) for name in grave + harmless]
    weights, biases = model.coef_[order], model.intercept_[order]
    scales = np.abs(weights).max(1) / 127
    table = np.clip(np.round(weights / scales[:, None]), -127, 127).astype(np.int8)
    header = f"{','.join(grave)};{','.join(harmless)}|{BUCKETS}\n".encode()
    floats = struct.pack(f"<{2 * len(scales)}f", *biases, *scales)
    WEIGHTS.write_bytes(header + floats + table.T.tobytes())


def _features(texts: list[str]) -> csr_matrix:
    columns: list[int] = []
    values: list[float] = []
    ends = [0]
    for text in texts:
        found = sorted({crc32(gram.encode()) % BUCKETS for gram in grams(normalise(text).text)})
        columns += found
        values += [1 / np.sqrt(len(found))] * len(found)
        ends.append(len(columns))
    return csr_matrix((values, columns, ends), shape=(len(texts), BUCKETS))


def _label(example: dict[str, dict[str, list[str] | bool]]) -> str:
    expected = example["expected"]
    main_intent = expected["intents"][0]
    astray = expected["handoff"] and main_intent not in SENSITIVE
    return "dispute" if astray else str(main_intent)


if __name__ == "__main__":
    main()
