"""The screens of the stepper."""
