"""The one error of everything that says how to reach a cluster."""


class ConfigError(Exception):
    """How to reach the cluster cannot be found out; the message names the file and the remedy."""
