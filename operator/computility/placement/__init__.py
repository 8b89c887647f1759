"""Filter, estimate, rank and choose over one snapshot, and say why. Pure."""
