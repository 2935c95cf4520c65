"""A run and its trials: claimed, launched, measured, recorded, summed up."""
