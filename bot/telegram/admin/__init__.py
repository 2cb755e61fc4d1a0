"""The admin's side: what the bot says, changed in a private chat with it."""
