"""What the bot says, as people change it: drafts, review, publishing, taking back, figures."""
