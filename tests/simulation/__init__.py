"""The pure core of hub and agent, driven by a seeded world that loses, delays, repeats and crashes."""
