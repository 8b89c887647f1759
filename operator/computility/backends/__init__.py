"""Backends run workloads. One protocol, and one contract suite over all of them."""
