"""Where data comes from: CSV files, the samples, run files."""
