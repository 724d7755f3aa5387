"""The command ``lrstep``; ``python -m lrstep`` is the same."""

import gc
import signal


def main() -> None:
    """Run the command line. Ctrl+C while it is being imported ends the program, without a traceback."""
    gc.disable()  # meanwhile: to look through what is being imported costs a tenth of the start
    usual = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if usual:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from lrstep import cli

    if usual:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.freeze()
    gc.enable()
    cli.main()


if __name__ == "__main__":
    main()
