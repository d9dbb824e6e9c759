"""Images of a folder, of an array, or of a file of arrays."""

from __future__ import annotations

import os
import re
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from .images import Images, open_image

SUFFIXES = (
    *(".png", ".jpg", ".jpeg", ".webp", ".gif"),
    *(".bmp", ".tif", ".tiff", ".ppm", ".pgm"),
)


def open_images(
    source: Images | np.ndarray | str | PathLike[str], key: str | None = None
) -> Images:
    """Find images, without decoding any.

    Parameters
    ----------
    source : path or ndarray of uint8 (n, H, W) or (n, H, W, 3)
        A folder, searched with its subfolders and sorted by path as people count
        (``2.png`` before ``10.png``); or a ``.npy``, ``.npz``, ``.h5`` or ``.hdf5``
        file with such an array. Hidden and other files of a folder are ignored.
    key : str, optional
        Which array of the file; needed only where there are several.

    Returns
    -------
    Images

    Raises
    ------
    FileNotFoundError
        If there is no such file or folder.
    ValueError
        If there is no image, or the array is not of 8-bit images.

    Examples
    --------
    >>> open_images(np.zeros((3, 8, 8), np.uint8)).names
    ('0', '1', '2')
    """
    from . import arrays

    if isinstance(source, Images):
        return source
    if not isinstance(source, str | PathLike):
        if not hasattr(source, "__array__"):
            raise ValueError(
                f"images: expected a path or an array, got a {type(source).__name__}"
            )
        array = np.asarray(source)
        return arrays.wrap(array, f"array of shape {array.shape}")
    path = Path(source).expanduser()
    if path.is_dir() and key is None:
        return _folder(path)
    if not path.exists():
        raise FileNotFoundError(
            f"images: {path} does not exist; relative names start at {Path.cwd()}"
        )
    if path.is_dir():
        raise ValueError(
            f"key: {key!r} was given with the folder {path}; expected a key only for "
            "files with several arrays"
        )
    return arrays.read(path, key)


def _folder(folder: Path) -> Images:
    """Every image below a folder."""
    found = []
    # Links are followed: subsets of large collections are often made of them.
    for place, inside, files in os.walk(folder, onerror=_refused, followlinks=True):
        inside[:] = [
            name
            for name in inside
            if not name.startswith(".") and not _leads_back(Path(place, name))
        ]
        found += [
            Path(place, name).relative_to(folder)
            for name in files
            if name.lower().endswith(SUFFIXES) and not name.startswith(".")
        ]
    if not found:
        raise ValueError(
            f"images: {folder} holds no image, nor do its subfolders; looked for files "
            f"that end in {', '.join(SUFFIXES)}"
        )
    found.sort(key=lambda path: ([_natural(part) for part in path.parts], path))
    files = tuple(folder / path for path in found)
    tops = tuple(path.parts[0] if len(path.parts) > 1 else "" for path in found)
    return Images(
        str(folder),
        tuple(path.as_posix() for path in found),
        tops if any(tops) else None,
        None,
        lambda i: open_image(files[i]),
        files,
    )


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


def _natural(text: str) -> list[Any]:
    """Sort key by which 2 comes before 10."""
    # Text and digits take turns, so that like is compared with like.
    parts = re.split(r"(\d+)", text)
    return [int(p) if i % 2 else p.casefold() for i, p in enumerate(parts)]
