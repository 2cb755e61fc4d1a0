"""Papers a borrower can keep: what stands on them (`sheet`), how they are set (`typesetting`)."""
