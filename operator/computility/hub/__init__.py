"""The hub: Kopf's events in, decisions of `lifecycle` performed, status out."""
