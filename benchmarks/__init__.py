"""Measures lrstep, each figure against a floor measured in the same run: ``python -m benchmarks``."""
