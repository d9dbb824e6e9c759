"""Images below a folder, and what else lies there."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from jaxprune.io.labelled import some

from .images import Images, open_image

# What desktops and file servers leave in folders, and the table of `jaxprune stimuli`.
LITTER = ("thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "__macosx", "@eadir")
TABLE = "table.csv"


def read(folder: Path) -> Images:
    """Find every image below a folder; see :func:`open_images`."""
    found, others, tops, endings = [], [], set(), suffixes()
    # Links are followed: subsets of large collections are often made of them.
    for place, inside, files in os.walk(folder, onerror=_refused, followlinks=True):
        inside[:] = [
            name
            for name in inside
            if not _passed_over(name) and not _leads_back(Path(place, name))
        ]
        if Path(place) == folder:
            tops.update(inside)
        for name in files:
            if not _passed_over(name):
                path = Path(place, name).relative_to(folder)
                (found if name.lower().endswith(endings) else others).append(path)
    left_out = tuple(path.as_posix() for path in _sorted(others) if path != Path(TABLE))
    if not found:
        instead = f"; there are {some(left_out)}" if left_out else ""
        raise ValueError(
            f"images: {folder} holds no image, nor do its subfolders; looked for files "
            f"that end in {', '.join(endings)}{instead}"
        )
    found = _sorted(found)
    files = tuple(folder / path for path in found)
    folders = tuple(path.parts[0] if len(path.parts) > 1 else "" for path in found)
    return Images(
        str(folder),
        tuple(path.as_posix() for path in found),
        folders if any(folders) else None,
        None,
        lambda i: open_image(files[i]),
        files,
        left_out,
        tuple(sorted(tops - set(folders), key=_natural)),
    )


def suffixes() -> tuple[str, ...]:
    """Endings of the images that Pillow opens, in lower case.

    Those of its formats that have a type ``image/...``: it knows others by name only
    (HDF5), or needs a program for them (EPS).

    >>> {".png", ".jfif", ".webp", ".tif"} < set(suffixes()), ".h5" in suffixes()
    (True, False)
    """
    from PIL import Image

    known = Image.registered_extensions()
    return tuple(
        sorted(
            suffix
            for suffix, kind in known.items()
            if kind in Image.OPEN and Image.MIME.get(kind, "").startswith("image/")
        )
    )


def _passed_over(name: str) -> bool:
    """Whether a file or folder is hidden, or nobody's own."""
    return name.startswith(".") or name.lower() in LITTER


def _refused(error: OSError) -> None:
    """Stop at a folder that cannot be listed: its images would be missing unnoticed."""
    raise type(error)(
        f"images: {error.filename} cannot be read ({error.strerror})"
    ) from error


def _leads_back(path: Path) -> bool:
    """Whether a link leads to a folder that it is in, and so on for ever."""
    if not path.is_symlink():
        return False
    above = (*path.parents, *path.parent.resolve().parents)
    return path.resolve() in {folder.resolve() for folder in above}


def _sorted(paths: list[Path]) -> list[Path]:
    return sorted(paths, key=lambda p: ([_natural(part) for part in p.parts], p))


def _natural(text: str) -> list[Any]:
    """Sort key by which 2 comes before 10."""
    # Text and digits take turns, so that like is compared with like.
    parts = re.split(r"(\d+)", text)
    return [int(p) if i % 2 else p.casefold() for i, p in enumerate(parts)]
