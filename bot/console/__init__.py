"""The HTTP door: health, metrics and, with a webhook, Telegram's own knock."""
