"""What people do: the queue, the case of one borrower, and every word between the two sides."""
