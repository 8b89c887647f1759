"""Usage times tariff gives the charge. Pure."""
