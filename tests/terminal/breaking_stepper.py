"""lrstep with an engine that fails at iteration 2: ``python breaking_stepper.py [ARGUMENTS]``."""

from lrstep.core.run import Run

sound = Run.iteration


def iteration(self, number):
    if number == 2:
        raise ValueError("broken iteration")
    return sound(self, number)


if __name__ == "__main__":
    Run.iteration = iteration
    from lrstep.cli import main

    main()
