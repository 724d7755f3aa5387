"""Numbers of things in messages."""


def counted(number: int, noun: str, commas: bool = False) -> str:
    """A number of things: 1 sample, 2 samples; thousands with commas, if wanted."""
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s" if commas else f"{number} {noun}s"
