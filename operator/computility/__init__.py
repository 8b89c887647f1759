"""Computility joins supercomputing and cloud centres into one computing-power network."""

__version__ = "0.1.0.dev0"
