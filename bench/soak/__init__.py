"""A day of the network's life on one machine: real hub, real fleet, virtual time, and everything breaks.

In the end the books are compared with what the simulated centres themselves recorded.
"""
