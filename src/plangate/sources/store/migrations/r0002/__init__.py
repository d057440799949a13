"""What revision 0002 adds, frozen with it: CHECK constraints, triggers, and the mending of rows that are there.

A later change of a rule is a migration of its own, so nothing here imports what may change.
"""
