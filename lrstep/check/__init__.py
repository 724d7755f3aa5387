"""Real Keras confirms each step, in a process of its own."""
