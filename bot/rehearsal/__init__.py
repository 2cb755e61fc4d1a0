"""A strategy tried out on invented borrowers before it meets a real one, in virtual time.

`rehearsing` runs the real planner, policy, sender and scripts on a temporary database; `lender`,
`population`, `acts` and `wire` are the invented world around them; `checks` judges what arrived by
code of its own, which knows nothing of the rules that decided.
"""
