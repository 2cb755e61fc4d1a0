"""`/stop_all`: the emergency stop, with one tap that says what it does before it does it."""

from bot.services import emergency
from bot.services.saying import Choice
from bot.telegram.talk import StaffHandler, StaffTalk


async def stop_all(talk: StaffTalk, args: str) -> None:
    """`/stop_all on` and `/stop_all off` act at once; without a word there is a button."""
    match args.lower():
        case "on" | "off":
            on = args.lower() == "on"
            await emergency.stop_all(talk.tx, talk.actor, on, talk.now)
            await talk.show("stop_all.on" if on else "stop_all.off")
        case _:
            stopped = await emergency.is_stopped(talk.tx)
            name = "off" if stopped else "on"
            rows = [
                [Choice(talk.label(f"button.stop_all_{name}"), f"stop_all:{name}")],
                [talk.choice("help")],
            ]
            await talk.show("stop_all.ask", {"stopped": stopped}, rows)


COMMANDS: dict[str, StaffHandler] = {"stop_all": stop_all}
PRESSES: dict[str, StaffHandler] = {"stop_all": stop_all}
