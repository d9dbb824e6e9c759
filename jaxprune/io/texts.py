"""Text in files: perhaps compressed, perhaps with a byte order mark."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import TextIO

from ..base.paths import expanded
from .labelled import InputError, composed

GZIP = b"\x1f\x8b"


def opened(path: Path) -> TextIO:
    """Open a text file for reading, compressed by gzip or not, whatever its name.

    Spreadsheets put a byte order mark in front, which is not read. Line breaks stay as
    they are: labels may hold some.
    """
    with path.open("rb") as file:
        compressed = file.read(2) == GZIP
    if compressed:
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="\n")
    return path.open(encoding="utf-8-sig", newline="\n")


def read_lines(path: str | Path, name: str) -> list[str]:
    """Words, or texts, one a line; blank lines are none.

    Parameters
    ----------
    path : str or Path
    name : str
        Of the argument, for messages.

    Raises
    ------
    InputError
        If the file is no text, or holds none.
    """
    file = expanded(path)
    try:
        with opened(file) as lines:
            found = [composed(line.strip()) for line in lines]
    except (UnicodeDecodeError, EOFError, gzip.BadGzipFile) as error:
        raise InputError(
            f"{name}: {file} is no text in UTF-8 ({error}); expected one a line."
        ) from error
    if found := [line for line in found if line]:
        return found
    raise InputError(f"{name}: {file} holds no text; expected one a line.")
