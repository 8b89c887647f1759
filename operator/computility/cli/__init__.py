"""Commands, for people and for make."""
