"""The names of what a borrower may mean; the words of each lie in lexicon/<name>.yaml."""

SENSITIVE = (
    "crisis", "wrong_person", "legal_threat", "dispute", "hardship", "abuse", "complaint",
    "refusal", "stop", "human",
)  # fmt: skip
"""What a person must see, in order of weight, for findings that begin at the same place."""

EVERYDAY = ("already_paid", "plan_request", "promise", "balance", "thanks", "greeting")
