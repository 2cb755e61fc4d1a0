"""Use cases, one verb each: the only callers of storage.

Every one takes the open transaction and the actor first; the door that opened the transaction
(an update, a tick, a command, a request) commits it. So a use case happens whole, together with
the record that it was handled, or not at all.
"""
