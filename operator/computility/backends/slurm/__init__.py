"""Slurm: the agent's side, over Slurm's own commands and the helper `computility-exec`.

The agent reads what anybody may read (`scontrol show config`, `sinfo`) as its own user. Everything about
an attempt goes through the helper, run as the tenant's account; see `exec/`.
"""
