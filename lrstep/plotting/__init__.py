"""What charts in the terminal and pictures have in common: clipping and ticks."""
