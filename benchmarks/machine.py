"""On what and with what the figures were measured."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("lrstep", "textual", "numpy", "tensorflow-cpu", "tensorflow", "keras")


def describe() -> str:
    """Processor, memory, system and versions, in three lines."""
    return "\n".join(
        (
            f"{_processor()}, {os.cpu_count()} cores, {_memory():.0f} GB, load {os.getloadavg()[0]:.1f}",
            f"{platform.system()} {platform.release()}, {platform.python_implementation()} {platform.python_version()}",
            ", ".join(f"{name} {found}" for name in PACKAGES if (found := _version(name))),
        )
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
