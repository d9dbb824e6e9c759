"""Paths as users write them."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import suppress
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


def check_writable(folder: Path) -> None:
    """Make sure that files can be written to a folder, which is not made for it.

    Raises
    ------
    OSError
        If it cannot be made or written.
    """
    try:
        present = next(place for place in (folder, *folder.parents) if place.exists())
        with tempfile.TemporaryFile(dir=present):
            pass
    except OSError as error:
        raise type(error)(
            f"{folder} cannot be written ({error.strerror}); choose another folder."
        ) from error


def absent(folder: Path) -> list[Path]:
    """Return the folders that would have to be made for one, the innermost first."""
    return [place for place in (folder, *folder.parents) if not place.exists()]


def unmake(folders: Sequence[Path]) -> None:
    """Remove folders that are empty, the innermost first."""
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()
