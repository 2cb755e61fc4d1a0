"""Draws docs/images/understanding-calibration.svg: confidence said beside how often it was right.

    PYTHONPATH=. python tests/corpora/understanding/draw_calibration.py

Measured on the sealed part; bars are 95 % Wilson intervals of the share of right main intents.
"""

from collections import defaultdict
from pathlib import Path

from bot.understanding import understand
from bot.understanding.evaluate import read_examples, wilson

HERE = Path(__file__).parent
PICTURE = HERE.parents[2] / "docs" / "images" / "understanding-calibration.svg"
SIDE, EDGE = 420, 56


def main() -> None:
    groups: dict[float, list[bool]] = defaultdict(list)
    for one in read_examples((HERE / "sealed.jsonl").read_bytes()):
        if intents := one.expected.get("intents"):
            reading = understand(one.text, now=one.now, timezone=one.timezone)
            groups[reading.confidence].append(reading.main == intents[0])
    PICTURE.write_text(_picture(groups), encoding="utf-8")


def _picture(groups: dict[float, list[bool]]) -> str:
    size = SIDE + 2 * EDGE
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" '
        'font-family="sans-serif" font-size="13">',
        f'<rect width="{size}" height="{size}" fill="white"/>',
        f'<path d="M{_x(0.4)} {_y(0.4)}L{_x(1)} {_y(1)}" stroke="#bbb" stroke-dasharray="5 4"/>',
    ]
    for step in range(4, 11, 2):
        at = step / 10
        lines.append(
            f'<path d="M{_x(0.4)} {_y(at)}H{_x(1)}" stroke="#eee"/>'
            f'<text x="{_x(0.4) - 10}" y="{_y(at) + 4}" text-anchor="end">{at:.0%}</text>'
            f'<text x="{_x(at)}" y="{_y(0.4) + 20}" text-anchor="middle">{at:.1f}</text>'
        )
    for said, verdicts in sorted(groups.items()):
        low, high = wilson(sum(verdicts), len(verdicts))
        share = sum(verdicts) / len(verdicts)
        radius = 3 + min(9, len(verdicts) ** 0.5 / 3)
        lines.append(
            f'<path d="M{_x(said)} {_y(low)}V{_y(high)}" stroke="#4477aa" stroke-width="2"/>'
            f'<circle cx="{_x(said)}" cy="{_y(share)}" r="{radius:.1f}" fill="#4477aa">'
            f"<title>said {said:.2f}: {sum(verdicts)} of {len(verdicts)} right</title></circle>"
        )
    lines.append(
        f'<text x="{size / 2}" y="{size - 8}" text-anchor="middle">confidence said</text>'
        f'<text x="{EDGE}" y="24">main intent right, 95 % interval; area: how many messages</text>'
        "</svg>"
    )
    return "\n".join(lines) + "\n"


def _x(confidence: float) -> float:
    return round(EDGE + (confidence - 0.4) / 0.6 * SIDE, 1)


def _y(share: float) -> float:
    return round(EDGE + SIDE - (max(0.4, share) - 0.4) / 0.6 * SIDE, 1)


if __name__ == "__main__":
    main()
