"""The coach: whether a run gets to the lowest RMSE, and which change of the settings brings it there."""
