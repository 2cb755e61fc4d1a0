"""The only room that knows aiogram: what comes in, who it is from, and what goes out.

`feeder` writes updates to the inbox, `worker` handles them one by one through `dispatch` and the
handlers of each audience, `sender` empties the outbox.
"""

from bot.telegram import late_models as late_models  # before anything else imports aiogram
