"""``lrstep record``: a person's script, run as it is by the Python it belongs to, with its fits recorded."""
