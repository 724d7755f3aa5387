"""Plain mode: the stepper as lines of text, for screen readers, simple terminals, pipes and logs."""
