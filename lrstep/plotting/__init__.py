"""What charts in the terminal and pictures have in common: clipping, ticks, runs beside the shown one."""
