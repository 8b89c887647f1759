"""Decisions: what is, in; what to do next, out. Pure: no I/O, no clock, no randomness."""
