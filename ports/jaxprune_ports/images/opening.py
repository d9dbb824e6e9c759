"""Images of a folder, of an array, or of a file of arrays."""

from __future__ import annotations

import warnings
from os import PathLike
from pathlib import Path

import numpy as np

from jaxprune.base.paths import expanded
from jaxprune.io.labelled import some

from .images import Images


def open_images(
    source: Images | np.ndarray | str | PathLike[str], key: str | None = None
) -> Images:
    """Find images, without decoding any.

    Parameters
    ----------
    source : path or ndarray of uint8 (n, H, W) or (n, H, W, 3)
        A folder, searched with its subfolders and sorted by path as people count
        (``2.png`` before ``10.png``); or a ``.npy``, ``.npz``, ``.h5`` or ``.hdf5``
        file with such an array. Of a folder every image is taken that Pillow opens,
        judging by its suffix; hidden files are ignored.
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

    Warns
    -----
    UserWarning
        If a folder holds other files, which are left out.

    Examples
    --------
    >>> open_images(np.zeros((3, 8, 8), np.uint8)).names
    ('0', '1', '2')
    """
    from . import arrays, folders

    if isinstance(source, Images):
        return source
    if not isinstance(source, str | PathLike):
        if not hasattr(source, "__array__"):
            raise ValueError(
                f"images: expected a path or an array, got a {type(source).__name__}"
            )
        array = np.asarray(source)
        return arrays.wrap(array, f"array of shape {array.shape}")
    path = expanded(source)
    if path.is_dir() and key is None:
        images = folders.read(path)
        if others := images.left_out:
            files = "1 file" if len(others) == 1 else f"{len(others):,} files"
            warnings.warn(
                f"images: {files} of {path} left out, without the suffix of an image "
                f"that Pillow opens: {some(others)}",
                stacklevel=2,
            )
        return images
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
