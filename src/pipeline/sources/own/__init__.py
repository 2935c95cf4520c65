"""Somebody's own files and databases, whose columns are named in YAML: data=csv, data=sql."""
