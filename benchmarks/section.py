"""Sections of ``RESULTS.md``, which several benchmarks write."""

from __future__ import annotations

from pathlib import Path


def put(file: Path, name: str, text: str) -> None:
    """Write a section, in the place of the one of that name or at the end.

    A section lies between two comments; whatever lies outside is left alone.
    """
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    section = f"{begin}\n{text.strip()}\n{end}\n"
    old = file.read_text() if file.is_file() else ""
    if begin in old and end in old:
        before, rest = old.split(begin, 1)
        after = rest.split(end, 1)[1].lstrip("\n")
        section = before + section + (f"\n{after}" if after else "")
    elif old:
        section = f"{old.rstrip()}\n\n{section}"
    file.write_text(section)


def sections(file: Path) -> str:
    """Everything from the first section on; empty if there is none."""
    old = file.read_text() if file.is_file() else ""
    start = old.find("<!-- begin ")
    return "" if start < 0 else old[start:]
