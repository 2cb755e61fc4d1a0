"""What a borrower can do in their private chat: one module a thing, one table in `door`."""
