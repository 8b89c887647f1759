"""Preset fleets: networks of simulated centres as values of the model, for labs, benches and tests."""
