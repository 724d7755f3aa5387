"""Panels: pure functions of an iteration and a size that give rows of cells."""
