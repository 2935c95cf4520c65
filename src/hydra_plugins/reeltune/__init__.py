"""Hydra finds its plugins by this package; what they do is in `sweep`."""
