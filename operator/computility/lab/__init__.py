"""A whole federation on one machine, from real parts: control plane, Slurm centre, hub and agent."""
