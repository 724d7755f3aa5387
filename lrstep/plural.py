"""Words of messages: numbers of things, and how a sentence begins."""


def counted(number: int, noun: str, commas: bool = False) -> str:
    """A number of things: 1 sample, 2 samples; thousands with commas, if wanted."""
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s" if commas else f"{number} {noun}s"


def differ(number: int) -> str:
    """A number of things that differ: 1 differs, 2 differ."""
    return f"{number} differs" if number == 1 else f"{number} differ"


def capitalized(text: str) -> str:
    """A text that begins a sentence; but for its first letter it stays as it is."""
    return text[:1].upper() + text[1:]
