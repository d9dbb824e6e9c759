"""The version: of the installed package, else of the source tree this is in."""

import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def _version() -> str:
    try:
        return version("jaxprune")
    except PackageNotFoundError:
        # Run from a bare copy, as benchmarks are on machines without a network.
        project = Path(__file__).parents[2] / "pyproject.toml"
        return tomllib.loads(project.read_text("utf-8"))["project"]["version"]


__version__ = _version()
