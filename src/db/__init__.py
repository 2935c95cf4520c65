"""The record of all experiments: engine, tables, migrations and the only SQL of the project."""
