"""`remindful transcript`: what happened in a case, for a complaint, and whether it still holds."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import typer

from bot.commands.using import in_transaction, write, write_json
from bot.errors import InputRefused
from bot.house import House
from bot.services.cases import transcribing
from bot.services.cases.proving import Proof
from storage.engine import Transaction
from storage.records import WorkId

_SAID = {
    "missing": "an entry is missing before it",
    "changed": "it was changed",
    "seal_wrong": "the seal was not made with this SECRET_KEY",
    "not_sealed": "the end of a closed case is missing",
    "row_missing": "the row it was made from is gone",
    "row_changed": "the row it was made from was changed",
    "row_without_entry": "there is a row that no entry tells of",
}


def transcript(
    case: str, as_json: bool, pdf: Path | None, language: str | None, verify: bool
) -> None:
    """Write what was asked for; exit 1 when the transcript does not hold."""
    number = _number(case)
    if verify:
        proof = in_transaction(_proving(number), "secret_key")
        _tell(number, proof, as_json)
    else:
        proof = _export(number, as_json, pdf, language)
    if not proof.intact:
        raise typer.Exit(1)


def _export(number: WorkId, as_json: bool, pdf: Path | None, language: str | None) -> Proof:
    if pdf is not None and pdf.exists():
        raise InputRefused(f"{pdf} is there already; name a new file")

    async def use(
        house: House, tx: Transaction, now: datetime
    ) -> tuple[Proof, dict[str, Any], dict[str, Any]]:
        from bot.services.cases.transcript_paper import transcript_paper

        told = await transcribing.read_out(tx, house.office, number, now)
        if told is None:
            raise _unknown(number)
        tag = house.office.library.resolve_language(language or told.file.borrower.language)
        sheet = transcript_paper(told, house.office, tag).record.as_json()
        return told.proof, transcribing.as_json(told, house.office.lender), sheet

    proof, plain, sheet = in_transaction(use, "secret_key")
    if pdf is not None:
        from bot.documents.typesetting import pdf as set_pdf

        pdf.write_bytes(set_pdf(sheet))
    if as_json:
        write(json.dumps(plain, ensure_ascii=False, indent=1))
    elif pdf is None:
        for line in _lines(sheet):
            write(line)
    return proof


def _proving(number: WorkId) -> Any:
    async def use(house: House, tx: Transaction, _now: datetime) -> Proof:
        proof = await transcribing.proof_of(tx, house.office, number)
        if proof is None:
            raise _unknown(number)
        return proof

    return use


def _tell(number: WorkId, proof: Proof, as_json: bool) -> None:
    if as_json:
        write_json(
            {"case": number, "entries": proof.entries, "intact": proof.intact,
             "first_broken": proof.broken, "why": proof.why or None, "head": proof.head}
        )  # fmt: skip
    elif proof.intact:
        write(f"case {number}: {proof.entries} entries, nothing changed, head {proof.head}")
    else:
        write(f"case {number}: entry {proof.broken} does not hold: {_SAID[proof.why]}")


def _lines(sheet: dict[str, Any]) -> list[str]:
    lines = [f"{name}: {value}" for name, value in sheet["facts"]]
    for day in sheet["days"]:
        lines += ["", day["title"]]
        for turn in day["turns"]:
            lines.append(" ".join(filter(None, (turn["time"], turn["who"], turn["what"]))))
            lines += [f"    {one}" for one in (*turn["text"].splitlines(), *turn["remarks"])]
    return lines


def _unknown(number: WorkId) -> InputRefused:
    return InputRefused(f"no case has the number {number}")


def _number(case: str) -> WorkId:
    digits = case.strip().removeprefix("#")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 12):
        raise InputRefused(f"{case!r} is no number of a case, such as 12")
    return WorkId(int(digits))
