"""Guided lessons without a screen: which step it is, what has to be done, and whether it is."""
