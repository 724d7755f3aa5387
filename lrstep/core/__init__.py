"""The engine: linear regression by mini-batch RMSprop in NumPy float64. It knows no screen and no file."""
