"""Paths as users write them."""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import Path


def expanded(path: str | PathLike[str]) -> Path:
    """Return a path with ``~`` replaced by the home directory.

    Raises
    ------
    ValueError
        An empty path, which would be the current folder; a user without a home.

    >>> expanded("")
    Traceback (most recent call last):
    ValueError: a path is empty (''); expected a name, or '.' for the current folder.
    """
    text = fspath(path)
    if not text.strip():
        raise ValueError(
            f"a path is empty ({text!r}); expected a name, or '.' for the current "
            "folder."
        )
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise ValueError(
            f"{text}: the home directory of {Path(text).parts[0]} is not known; "
            "expected the whole path."
        ) from None
