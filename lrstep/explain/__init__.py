"""Every number with its arithmetic, and the catalogue of mistakes behind ``lrstep why``."""
