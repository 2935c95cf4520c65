"""Which movies follow which, told by their titles."""
