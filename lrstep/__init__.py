"""lrstep: a debugger for gradient descent in the terminal."""

__version__ = "0.1.0"
