"""Versions of the model: gated, switched, compared live, rolled back."""
