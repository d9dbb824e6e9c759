"""Read a result back from the folder it was saved in."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from ..base.paths import expanded
from ..io.labelled import InputError
from .packing import unpack
from .saving import ARRAYS, SUMMARY


def read_pruning(directory: str | Path) -> dict[str, Any]:
    """Fields of a result that :func:`save_pruning` wrote, its settings as a dict.

    Parameters
    ----------
    directory : str or Path
        The folder; only its ``result.npz`` is read, never with pickle.

    Raises
    ------
    FileNotFoundError
        If there is no such folder, or it holds no complete result.
    InputError
        If its ``result.npz`` is damaged.
    """
    folder = expanded(directory)
    if not folder.is_dir():
        raise FileNotFoundError(
            f"{folder} is not a folder; expected one that a result was saved in."
        )
    missing = [name for name in (ARRAYS, SUMMARY) if not (folder / name).is_file()]
    if missing:
        raise FileNotFoundError(
            f"{folder} has no {' and no '.join(missing)}; expected a folder that a "
            "result was saved in. If saving was interrupted, save again."
        )
    path = folder / ARRAYS
    try:
        # numpy leaves a file open that it cannot read; this one it need not open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return unpack({name: archive[name] for name in archive.files})
    except (OSError, EOFError, BadZipFile, ValueError, TypeError, KeyError) as error:
        raise InputError(
            f"{path} is damaged or not from this version ({error}); expected what "
            "save_pruning wrote. Save the result again."
        ) from error
