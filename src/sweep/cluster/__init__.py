"""Trials on other machines: what is checked of them, and how jobs come there and back."""
