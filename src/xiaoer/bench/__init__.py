"""Benchmarks: figures measured on data in a folder, with machine and model named."""
