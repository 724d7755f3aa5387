"""Quantities as formulas: in letters, with numbers put in, with every input traced to where it came from."""
