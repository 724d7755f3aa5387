"""Charts: pure functions of a run and an iteration that give rows of cells."""
