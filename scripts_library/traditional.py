"""Traditional Chinese from Simplified: OpenCC's letters, then what people corrected by hand.

    python -m scripts_library.traditional          writes scripts_library/zh-Hant/
    python -m scripts_library.traditional --check  says what is out of step; exit 1 if anything

A tool for whoever changes the library, not for the running bot: the files it writes are read like
any other language's. A correction that changes nothing any more is reported, so none goes stale.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from scripts_library.library import HOME, LABEL_FILES, read_text, script_files

FROM, TO = "zh-Hans", "zh-Hant"

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Corrections:
    """`everywhere` in order, then those of one script or label; `used`: those that did a thing."""

    everywhere: Pairs
    by_key: Mapping[str, Pairs]
    used: set[tuple[str, str]]

    @classmethod
    def read(cls, file: Path) -> "Corrections":
        given = yaml.load(read_text(file), Loader=yaml.CSafeLoader)
        by_key = {key: _pairs(some) for key, some in (given.get("in") or {}).items()}
        return cls(_pairs(given["everywhere"]), by_key, set())

    def apply(self, text: str, key: str) -> str:
        for pair in (*self.everywhere, *self.by_key.get(key, ())):
            if pair[0] in text:
                self.used.add(pair)
                text = text.replace(*pair)
        return text

    def stale(self) -> list[tuple[str, str]]:
        every = [*self.everywhere, *(pair for some in self.by_key.values() for pair in some)]
        return [pair for pair in every if pair not in self.used]


def converted(home: Path = HOME) -> tuple[dict[str, str], Corrections]:
    """Every file of the traditional folder as it should be, by its place in the folder."""
    from opencc_purepy import OpenCC  # a tool of those who write, not of the bot

    letters = OpenCC("s2tw")
    corrections = Corrections.read(home / TO / "corrections.yaml")
    files = {
        file.relative_to(home / FROM).as_posix(): corrections.apply(
            letters.convert(read_text(file)), key
        )
        for key, file in script_files(home / FROM)
    }
    for name in LABEL_FILES:
        rows = read_text(home / FROM / name).split("\n")
        files[name] = "\n".join(
            corrections.apply(letters.convert(row), row.partition(":")[0]) for row in rows
        )
    return files, corrections


def out_of_step(home: Path = HOME) -> Iterator[str]:
    """What differs from the files, and corrections that correct nothing."""
    files, corrections = converted(home)
    for place, text in files.items():
        file = home / TO / place
        if not file.exists() or read_text(file) != text:
            yield f"{TO}/{place}: is not what the zh-Hans file makes"
    known = {*files, "language.yaml", "corrections.yaml"}
    for file in (home / TO).rglob("*.*"):
        if file.relative_to(home / TO).as_posix() not in known:
            yield f"{TO}/{file.name}: has no zh-Hans file"
    for old, new in corrections.stale():
        yield f"{TO}/corrections.yaml: {old} is never found, so {new} is never said"


def write(home: Path = HOME) -> None:
    """Write the traditional folder."""
    for place, text in converted(home)[0].items():
        file = home / TO / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def _pairs(given: list[list[str]]) -> Pairs:
    return [(str(old), str(new)) for old, new in given]


def main(arguments: list[str]) -> int:
    if "--check" not in arguments:
        write()
    faults = list(out_of_step())
    for fault in faults:
        sys.stdout.write(f"{fault}\n")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
