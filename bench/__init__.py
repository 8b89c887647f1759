"""What the network costs: scenarios that run all its parts on one machine and count (DESIGN 9)."""
