"""The stepper: a Textual app."""
