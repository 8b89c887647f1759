"""Job traces drawn by chance around the figures of real ones, for `computility simulate`."""
