"""``lrstep compare``: several runs as one table."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from lrstep.cli.options import Chosen, against, showing, source_and_settings
from lrstep.cli.printing import Printing, printed
from lrstep.errors import LrstepError

if TYPE_CHECKING:
    from lrstep.sources.against import Against


@click.command()
@source_and_settings
@against
@printed
def compare(chosen: Chosen, printing: Printing, against: "tuple[Against, ...]") -> None:
    """Print several runs side by side, epoch by epoch: RMSE, loss, parameters, where they part, which is lowest.

    \b
    Examples:
      lrstep compare mlcc --against batch_size=1 --against batch_size=12
      lrstep compare mlcc --epochs 20 --against 'optimizer=sgd lr=0.001' --format csv -o runs.csv
      lrstep compare run.toml --against other-run.toml
    """
    from lrstep.export import comparison
    from lrstep.sources.against import EXAMPLES

    printing.prepare()
    runs = chosen.runs(against)
    if runs.alone:
        raise LrstepError("nothing to compare with: --against is missing", EXAMPLES)
    comparison.compute(runs, showing("computing"))
    write: Callable[..., Any] = getattr(comparison, f"write_{printing.form}")
    with printing.out() as out:
        write(runs, out, **printing.table)
