"""One module a command; `bot.cli` names them and loads one only when it is asked for."""
