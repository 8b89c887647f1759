"""Values and kinds: what the API serves, as typed structs. Pure: no I/O, no clock, no randomness."""
