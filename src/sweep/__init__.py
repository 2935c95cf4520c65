"""Everything that touches Hydra: from a composed config to trials that are run, recorded and shown."""
