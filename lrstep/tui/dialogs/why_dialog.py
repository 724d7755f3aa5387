"""Why is my number different? A number, and what gives it."""

from collections.abc import Callable
from typing import Any, ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option
from textual.worker import Worker, get_current_worker

from lrstep.core.run import Run
from lrstep.errors import LrstepError
from lrstep.tui.dialogs.dialog import Dialog, Said
from lrstep.why.answer import Answer, why_paragraphs
from lrstep.why.ask_why import why

_HINT = "Type the number you got, all its digits; Enter looks for it. ↓ to the answers, Enter goes there. Esc closes."

_LOOKING = "Searching {} … Esc stops."


class _Stopped(Exception):
    """Nobody waits for the answer any more."""


class Why(Dialog[int | None]):
    """Asks for a number and lists what gives it; gives the iteration to go to, or None.

    Args:
        run: the run.
        cursor: the iteration under the cursor; decides between answers that are as good.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        ("down", "answers"),
        ("up", "fields"),
        ("pagedown", "page(1)"),
        ("pageup", "page(-1)"),
    ]

    def __init__(self, run: Run, cursor: int) -> None:
        super().__init__()
        self._of_run, self._cursor = run, cursor
        self._places: list[int | None] = []
        self._looking: Worker[None] | None = None
        self._fields = {
            name: Input(id=name, placeholder=example)
            for name, example in (("number", "21.8"), ("meant", "rmse, weight, …"), ("iteration", "any"))
        }
        self._sentence = Said(id="sentence")
        self._answers = OptionList(id="answers")

    def compose(self) -> ComposeResult:
        """Three fields, the sentence, the answers."""
        number, meant, iteration = self._fields.values()
        given = Horizontal(Label("number "), number, classes="fields")
        to_be = Horizontal(Label("meant to be "), meant, Label(" in iteration "), iteration, classes="fields")
        self._say(_HINT)
        yield self.box("Why is my number different?", given, to_be, self._sentence, self._answers)

    @on(Input.Submitted)
    def _ask(self) -> None:
        number, meant, iteration = (field.value.strip() for field in self._fields.values())
        self._answers.clear_options()
        if not number:
            return
        try:
            place = None if not iteration else int(iteration)
        except ValueError:
            self._say(f"{iteration!r} is no iteration. Type its number, or leave it empty.")
            return
        self._say(_LOOKING.format("the figures of the run"))
        self._looking = self._look(number, meant or None, place)

    @work(thread=True, exclusive=True, group="look")
    def _look(self, number: str, meant: str | None, iteration: int | None) -> None:
        """Search beside the screen, which takes keys meanwhile; another number, or Esc, ends it."""
        worker = get_current_worker()

        def pause() -> None:
            if worker.is_cancelled:
                raise _Stopped

        def tell(show: Callable[[Any], None], what: object) -> None:
            pause()
            self.app.call_from_thread(show, what)

        try:
            answer = why(
                self._of_run, number, meant, iteration, self._cursor or None,
                progress=lambda what: tell(self._say, _LOOKING.format(what)), pause=pause,
            )  # fmt: skip
            tell(self._show, answer)
        except LrstepError as error:
            self.tell(self._say, str(error))
        except _Stopped:
            pass

    def _show(self, answer: Answer) -> None:
        width = max(40, self._sentence.size.width - 4)
        self.add_class("answered")
        self._say(answer.sentence)
        self._places = [match.iteration for match in answer.matches]
        for number, lines in enumerate(why_paragraphs(answer, width)[1:]):
            goes = number < len(self._places) and self._places[number] is not None
            self._answers.add_option(Option(Text(self.chars("\n".join(lines))), disabled=not goes))

    def _say(self, text: str) -> None:
        self._sentence.say(self.chars(text))

    @on(OptionList.OptionSelected)
    def _go(self, event: OptionList.OptionSelected) -> None:
        if event.option_index < len(self._places):
            self.dismiss(self._places[event.option_index])

    def action_answers(self) -> None:
        """From the fields to the answers, the first of which to go to is chosen."""
        if self._answers.option_count:
            self._answers.focus()
            if self._answers.highlighted is None:
                self._answers.action_first()

    def action_page(self, direction: int) -> None:
        """Scroll the answers by a page, from the fields too."""
        self._answers.scroll_relative(y=direction * max(1, self._answers.size.height - 1), animate=False)

    def action_fields(self) -> None:
        """Back to the number."""
        self._fields["number"].focus()

    def action_leave(self) -> None:
        """Stop a search, or go back to the stepper."""
        if self._looking is not None and self._looking.is_running:
            self._looking.cancel()
            self._say(_HINT)
        else:
            super().action_leave()
