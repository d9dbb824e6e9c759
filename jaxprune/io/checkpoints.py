"""Parts of long work, kept in files as they are done: an interrupted run goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from ..base.version import __version__

# Name of the array that holds everything that is no array, as JSON.
RECORD = "record"


@dataclass(frozen=True)
class Parts:
    """A folder with one file for each part.

    Parameters
    ----------
    folder : Path or None
        Made when the first part is saved; with None nothing is kept.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     parts = Parts(Path(folder))
    ...     parts.save("V1", {"score": 0.5}, {"curve": np.arange(3)}, {"seed": 0})
    ...     record, arrays = parts.load("V1", {"seed": 0})
    ...     other = parts.load("V1", {"seed": 1})
    >>> record, arrays["curve"], other
    ({'score': 0.5}, array([0, 1, 2]), None)
    """

    folder: Path | None

    def load(
        self, name: str, settings: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, np.ndarray]] | None:
        """Record and arrays of a part; None if it was not made with these settings."""
        if self.folder is None:
            return None
        try:
            with self._file(self.folder, name).open("rb") as stream:
                file = np.load(stream, allow_pickle=False)
                arrays = {key: file[key] for key in file.files}
            content = json.loads(str(arrays.pop(RECORD)))
        except (OSError, KeyError, ValueError, EOFError, BadZipFile):
            # Absent, or cut off: it is made again.
            return None
        if content["settings"] != _identity(settings):
            return None
        return content["values"], arrays

    def save(
        self,
        name: str,
        record: Mapping[str, Any],
        arrays: Mapping[str, np.ndarray],
        settings: Mapping[str, Any],
    ) -> None:
        """Keep a part, at once or not at all.

        Parameters
        ----------
        name : str
            A part of this name is replaced.
        record : mapping
            Ready for JSON.
        arrays : mapping of str to ndarray
        settings : mapping
            Everything that the part depends on, ready for JSON.
        """
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        about = {"settings": _identity(settings), "values": dict(record)}
        content = {RECORD: np.array(json.dumps(about)), **arrays}
        file = self._file(self.folder, name)
        draft = file.with_name(f".{file.name}")
        with draft.open("wb") as stream:
            np.savez_compressed(stream, allow_pickle=False, **content)
        os.replace(draft, file)

    def file(self, name: str) -> Path | None:
        """Where something that is not finished may wait; None where nothing is kept."""
        if self.folder is None:
            return None
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / name

    @staticmethod
    def _file(folder: Path, name: str) -> Path:
        return folder / f"{name}.npz"


def _identity(settings: Mapping[str, Any]) -> Any:
    """Settings as they come back from JSON, with the version that computed."""
    return json.loads(json.dumps({**settings, "jaxprune": __version__}))


def digest(*arrays: Any) -> str:
    """SHA-256 of arrays, their shapes and dtypes; None is an array like any other.

    >>> digest([1.0, 2.0]) == digest(np.array([1.0, 2.0])) != digest([1, 2])
    True
    """
    total = sha256()
    for value in arrays:
        array = np.ascontiguousarray([] if value is None else value)
        total.update(f"{array.dtype.str} {array.shape}".encode())
        total.update(array.data)
    return total.hexdigest()
