"""GroupLens releases, ml-100k to ml-32m: data=movielens."""
