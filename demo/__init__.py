"""One command that shows everything: an invented lender, its borrowers and its staff."""
