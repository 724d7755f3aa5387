"""The gate for what Textual's own widgets show: lists, trees, fields, titles."""

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from lrstep.visible import visible


class MarksFilter(LineFilter):
    """Lets no character through that steers a terminal, whichever widget paints it; a row keeps its width."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments of a row with marks in place of such characters."""
        if all(segment.text.isprintable() for segment in segments):
            return segments
        shown = [Segment(visible(text), style, control) for text, style, control in segments]
        return Segment.adjust_line_length(shown, sum(segment.cell_length for segment in segments))
