"""Seals of the audit trail: what was written on a finished day can be checked for ever after (docs/audit.md).

`rows` defines the hash of a row, in SQL and in Python. `chain` binds a tenant's days to one another. `file` keeps the
seals outside the database. `sealing` makes them, `verification` finds what no longer agrees with them.
"""
