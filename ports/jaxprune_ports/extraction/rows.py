"""Activations of every single image, in a file that a kill cannot damage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from .record import hdf5, put

GROUP = "activations"
CHUNK_BYTES = 2**20


class Rows:
    """Activations of every image, one row each, in the draft of a result.

    Parameters
    ----------
    draft : Path
        Rows that are there from an interrupted run stay.
    n_images : int
    """

    def __init__(self, draft: Path, n_images: int):
        self._draft, self._n = draft, n_images
        self._reserved = False

    def write(self, first: int, values: Mapping[str, np.ndarray]) -> None:
        """Write rows ``(m, units)`` by layer, from the one of number `first` on.

        The file is closed again: what has been written survives the process.
        """
        if not self._reserved:
            self._reserve({layer: rows.shape[1] for layer, rows in values.items()})
        with hdf5(self._draft, "r+") as file:
            for layer, rows in values.items():
                file[f"{GROUP}/{layer}"][first : first + len(rows)] = rows

    def close(self, layers: Sequence[str], names: Sequence[str]) -> None:
        """Give up the room of skipped images, and add the names of the others."""
        with hdf5(self._draft, "r+") as file:
            for layer in layers:
                file[f"{GROUP}/{layer}"].resize(len(names), axis=0)
            put(file, "images", np.array(names, object))

    def _reserve(self, sizes: Mapping[str, int]) -> None:
        import h5py

        # With all of its chunks in place, writing rows changes no book-keeping of the
        # file: killed half-way it loses the rows being written, and nothing else.
        early = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        early.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        with hdf5(self._draft, "a") as file:
            for layer, size in sizes.items():
                name = f"{GROUP}/{layer}"
                if name in file:
                    file[name].resize(self._n, axis=0)
                    continue
                rows = min(self._n, max(1, CHUNK_BYTES // (4 * size)))
                file.create_dataset(
                    name,
                    (self._n, size),
                    np.float32,
                    chunks=(rows, size),
                    maxshape=(None, size),
                    dcpl=early,
                )
        self._reserved = True
