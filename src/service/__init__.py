"""The HTTP service: recommendations, ratings, versions, tests between two of them."""
