"""Helper modules lie beside the tests, and the Keras in NumPy beside those of the check."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "check")]
