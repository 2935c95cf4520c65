"""What users would pick instead, on the same data, split and metrics: python benchmarks/peers."""
