"""The lender's portfolio as its files tell it: read with care, decided once, applied bit by bit."""
