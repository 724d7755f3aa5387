"""What a person does and sees, whether on a screen or as lines of text."""
