"""Which configurations are tried: listed beforehand, or proposed from what was measured."""
