"""The agent: runs at a centre, asks the hub what to do, does it, and says how it went."""
