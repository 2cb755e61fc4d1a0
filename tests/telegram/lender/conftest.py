"""What the lender's own people are told of a day with borrowers, in the same town as theirs."""

from tests.telegram.borrower.conftest import _short_tracebacks, town, town_anywhere

__all__ = ["_short_tracebacks", "town", "town_anywhere"]
