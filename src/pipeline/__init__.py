"""From ratings to measured recommendations: pure functions over arrays, without Hydra and without SQL."""
