"""``python -m lrstep`` does what the command ``lrstep`` does."""

from lrstep.cli import main

if __name__ == "__main__":
    main()
