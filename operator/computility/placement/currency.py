"""The one currency that amounts are compared in."""

CURRENCY = "CNY"
"""There are no exchange rates yet: amounts of another currency are neither compared nor added."""
