"""The one kind of error that lrstep shows to a person instead of a traceback."""


def repeated(text: str, most: int = 40) -> str:
    """A text as far as a message repeats it."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


class LrstepError(Exception):
    """Something a person can mend: a file, a column, a setting, a missing package.

    Attributes:
        message: what is wrong, naming the thing (file, line, column, setting).
        hint: what was expected or what to do; may be empty.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class SettingsError(LrstepError):
    """A setting out of range; ``field`` is its name in :class:`lrstep.core.settings.Settings`."""

    def __init__(self, field: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.field = field


class StepError(LrstepError):
    """A step of a recording that cannot have been so; ``step`` is its number, from 1."""

    def __init__(self, step: int, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.step = step
