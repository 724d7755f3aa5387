"""``python -m benchmarks [PART …]``: measure and print a table; without PART all parts."""

import importlib
import importlib.util
import sys
from pathlib import Path

PARTS = (
    "engine", "keys", "idle", "start", "side", "link", "memory", "seek", "reading", "check", "recording", "export",
    "why",
)  # fmt: skip


def available() -> list[str]:
    """The parts that are there: each is a module with a function ``measure`` that yields figures."""
    folder = Path(__file__).parent
    return [part for part in PARTS if (folder / f"{part}.py").exists()]


def main(parts: list[str]) -> int:
    """Measure; exit status 1 where a limit is broken, 2 where a part is unknown."""
    from benchmarks.figure import Figure, markdown
    from benchmarks.machine import describe

    unknown = [part for part in parts if part not in available()]
    if unknown:
        print(f"no part {', '.join(unknown)}; there are {', '.join(available())}", file=sys.stderr)
        return 2
    print(describe(), end="\n\n", flush=True)
    figures: list[Figure] = []
    for part in parts or available():
        measure = getattr(importlib.import_module(f"benchmarks.{part}"), "measure", None)
        for figure in measure() if measure else ():
            figures.append(figure)
            print("…", *figure.cells()[:4], file=sys.stderr, flush=True)
    print(markdown(figures))
    return int(not all(figure.holds for figure in figures))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
