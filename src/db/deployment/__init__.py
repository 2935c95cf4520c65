"""The record of what is deployed: versions, which one is active, tests between two, ratings that came in."""
