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
from bot.understanding.hunch import FINE, grams
from bot.understanding.normalise import normalise

HERE = Path(__file__).parent
WEIGHTS = HERE.parents[2] / "bot" / "understanding" / "tables" / "hunch.bin"
BUCKETS = 1 << 15
INVERSE_PENALTY = 20


def main() -> None:
    lines = (HERE / "dev.jsonl").read_text("utf-8").splitlines()
    examples = [json.loads(line) for line in lines]
    model = LogisticRegression(C=INVERSE_PENALTY, max_iter=400)
    model.fit(_features([one["text"] for one in examples]), [_label(one) for one in examples])
    scales = np.abs(model.coef_).max(1) / 127
    table = np.clip(np.round(model.coef_ / scales[:, None]), -127, 127).astype(np.int8)
    header = f"{','.join(model.classes_)}|{BUCKETS}\n".encode()
    floats = struct.pack(f"<{2 * len(scales)}f", *model.intercept_, *scales)
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
    if main_intent in SENSITIVE:
        return str(main_intent)
    return "dispute" if expected["handoff"] else FINE


if __name__ == "__main__":
    main()
