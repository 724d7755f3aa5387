"""What stands between Textual and the terminal: fewer bytes, keys in order, an end that gives the terminal back."""
