"""Hydra's jobs at less cost: configs copied instead of composed, the same folders and callbacks."""
