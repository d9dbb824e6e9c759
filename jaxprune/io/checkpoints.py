"""Checkpoints: what is finished of long work, so that an interrupted run goes on.

Everything that may be interrupted keeps its finished steps in one way: a file for each,
written at once or not at all, named after everything that the step depends on. So runs
with other data or options may share a folder, and nothing that was computed for one is
taken for the other's.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from ..base.paths import expanded
from ..base.version import __version__

# Name of the array that holds everything that is no array, as JSON.
RECORD = "record"
# Of the hash that tells settings apart.
DIGITS = 12


@dataclass(frozen=True)
class Checkpoints:
    """A folder with a file for each step that is finished.

    Parameters
    ----------
    folder : Path or None
        Made when the first step is kept; with None nothing is kept.
    settings : mapping
        Everything that all steps depend on, ready for JSON; data as a `digest`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     kept = Checkpoints(Path(folder), {"seed": 0})
    ...     first = kept.get("V1", lambda: {"score": 0.5, "curve": np.arange(3)})
    ...     again = kept.get("V1", lambda: {"score": 0.9})
    ...     other = Checkpoints(Path(folder), {"seed": 1}).load("V1")
    >>> again, other
    ({'score': 0.5, 'curve': array([0, 1, 2])}, None)
    """

    folder: Path | None
    settings: Mapping[str, Any] = field(default_factory=dict)

    @staticmethod
    def of(
        folder: str | Path | None, settings: Callable[[], Mapping[str, Any]]
    ) -> Checkpoints:
        """In a folder, or nowhere: settings are asked for if there is a folder."""
        if folder is None:
            return Checkpoints(None)
        return Checkpoints(expanded(folder), settings())

    def get(
        self, name: str, compute: Callable[[], Mapping[str, Any]], **about: Any
    ) -> dict[str, Any]:
        """What was kept of a step; else it is computed, and kept.

        Parameters
        ----------
        name : str
        compute : callable
            Gives a mapping of names to arrays, and to what is ready for JSON.
        **about
            What this step depends on beside the settings, ready for JSON.
        """
        if (content := self.load(name, **about)) is None:
            content = dict(compute())
            self.save(name, content, **about)
        return content

    def load(self, name: str, **about: Any) -> dict[str, Any] | None:
        """What was kept of a step; None if nothing was."""
        if self.folder is None:
            return None
        found = _read(self._file(name, about))
        return None if found is None else found[1]

    def save(self, name: str, content: Mapping[str, Any], **about: Any) -> None:
        """Keep a step, at once or not at all."""
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        arrays = {k: v for k, v in content.items() if isinstance(v, np.ndarray)}
        values = {k: v for k, v in content.items() if k not in arrays}
        record = {"settings": self._identity(about), "values": values}
        file = self._file(name, about)
        draft = file.with_name(f".{file.name}")
        try:
            with draft.open("wb") as stream:
                text = np.array(json.dumps(record))
                np.savez(stream, allow_pickle=False, **{RECORD: text}, **arrays)
            os.replace(draft, file)
        finally:
            draft.unlink(missing_ok=True)

    def remove(self, name: str, **about: Any) -> None:
        """Forget a step, and the folder if nothing else is there."""
        if self.folder is not None:
            self._file(name, about).unlink(missing_ok=True)
            with suppress(OSError):
                self.folder.rmdir()

    def waiting(self, name: str, suffix: str = "", **about: Any) -> Path | None:
        """Where something that is not finished may wait; None where nothing is kept."""
        if self.folder is None:
            return None
        self.folder.mkdir(parents=True, exist_ok=True)
        return self._file(name, about).with_suffix(suffix)

    def differing(self, name: str, **about: Any) -> list[str] | None:
        """Settings in which a step differs that was kept under this name.

        None of them if it is damaged; None if nothing was kept.
        """
        if self.folder is None:
            return None
        mine, own = self._identity(about), self._file(name, about)
        for file in (own, *_files(self.folder, name)):
            if file.exists():
                found = _read(file)
                theirs = mine if found is None else found[0]
                return [key for key in mine if theirs.get(key) != mine[key]]
        return None

    def _identity(self, about: Mapping[str, Any]) -> dict[str, Any]:
        """Settings as they come back from JSON, with the version that computed."""
        everything = {**self.settings, **about, "jaxprune": __version__}
        return json.loads(json.dumps(everything))

    def _file(self, name: str, about: Mapping[str, Any]) -> Path:
        text = json.dumps(self._identity(about), sort_keys=True)
        known = sha256(text.encode()).hexdigest()[:DIGITS]
        return Path(self.folder or "", f"{name}-{known}.npz")


def _read(file: Path) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Settings and content of a file; None if it is not there, or was cut off."""
    try:
        with file.open("rb") as stream:
            archive = np.load(stream, allow_pickle=False)
            arrays = {key: archive[key] for key in archive.files}
        record = json.loads(str(arrays.pop(RECORD)))
    except (OSError, KeyError, ValueError, EOFError, BadZipFile):
        return None
    return record["settings"], {**record["values"], **arrays}


def discard(folder: Path, name: str) -> None:
    """Forget all steps of a name, whatever they depend on.

    The folder goes too, if nothing else is there.
    """
    for file in _files(folder, name):
        file.unlink()
    with suppress(OSError):
        folder.rmdir()


def _files(folder: Path, name: str) -> list[Path]:
    return sorted(folder.glob(f"{name}-{'?' * DIGITS}.npz"))


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
