"""What every member of staff has: help, shift, language."""

from dataclasses import replace

from bot.errors import Refusal
from bot.rules.dispositions import CASEWORKERS, LEADERS
from bot.services import emergency, staffing
from bot.services.cases import finding
from bot.services.saying import Choice
from bot.telegram.talk import StaffHandler, StaffTalk


async def help_(talk: StaffTalk, _args: str) -> None:
    role = talk.member.role
    works = role in CASEWORKERS
    values = {
        "colleague": talk.member.name,
        "role": talk.label(f"role.{role}"),
        "works": works,
        "finds": works or role in finding.SEE_EVERYONE,
        "leads": role in LEADERS,
        "stops": role in emergency.MAY_STOP,
    }
    rows = [[talk.choice("queue"), talk.choice("next")]] if works else []
    await talk.show("staff.help", values, rows)


async def unknown_command(talk: StaffTalk, _args: str) -> None:
    await talk.show("staff.unknown_command")


async def outdated(talk: StaffTalk, _args: str) -> None:
    talk.notice("toast.outdated_staff")


async def shift(talk: StaffTalk, args: str) -> None:
    """`/shift on|off`."""
    match args.lower():
        case "on":
            await staffing.start_shift(talk.tx, talk.office, talk.member, talk.now)
            await talk.show("shift.on", {}, [[talk.choice("next"), talk.choice("queue")]])
        case "off":
            left = await staffing.end_shift(talk.tx, talk.office, talk.member, talk.now)
            await talk.show("shift.off", {"given_back": left})
        case _:
            rows = [
                [Choice(talk.label("button.shift_on"), "shift:on")],
                [Choice(talk.label("button.shift_off"), "shift:off")],
            ]
            await talk.show("shift.ask", {}, rows)


async def language(talk: StaffTalk, args: str) -> None:
    """`/language zh-Hans`, or a choice of them."""
    library = talk.office.library
    if not args:
        rows = [[Choice(library.by_tag[tag].name, f"language:{tag}")] for tag in library.languages]
        await talk.show("staff.language", {}, rows)
        return
    wanted = library.resolve_language(args)
    if wanted.lower().partition("-")[0] != args.lower().partition("-")[0]:
        raise Refusal("staff.language_unknown")
    await staffing.set_language(talk.tx, talk.office, talk.member, wanted)
    talk.reader = replace(talk.reader, language=wanted)
    await talk.show("staff.language_set")


COMMANDS: dict[str, StaffHandler] = {
    "start": help_,
    "help": help_,
    "menu": help_,
    "shift": shift,
    "language": language,
}
PRESSES: dict[str, StaffHandler] = {"shift": shift, "language": language, "help": help_}
