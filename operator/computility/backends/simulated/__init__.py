"""A simulated centre: a discrete-event engine in virtual time, and the backend that stands on it."""
