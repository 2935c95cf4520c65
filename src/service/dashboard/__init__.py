"""The pages at /: what answers, what it is worth, what is tested and what was found."""
