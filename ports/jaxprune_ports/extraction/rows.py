"""Activations of every single image, in a file that a kill cannot damage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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

    group = f"{GROUP}/"

    def __init__(self, draft: Path, n_images: int):
        self._draft, self._n = draft, n_images
        self._reserved = False

    def write(self, first: int, values: Mapping[str, np.ndarray]) -> None:
        """Write rows ``(m, units)`` by layer, from the one of number `first` on.

        The file is closed again: what has been written survives the process.
        """
        with self._open(values) as file:
            for layer, rows in values.items():
                file[f"{GROUP}/{layer}"][first : first + len(rows)] = rows

    def close(self, layers: Sequence[str], names: Sequence[str]) -> None:
        """Give up the room of skipped images, and add the names of the others."""
        with hdf5(self._draft, "r+") as file:
            for layer in layers:
                file[f"{GROUP}/{layer}"].resize(len(names), axis=0)
            put(file, "images", np.array(names, object))

    @contextmanager
    def _open(self, values: Mapping[str, np.ndarray]) -> Iterator[Any]:
        """Draft with room for all rows."""
        if not self._reserved:
            self._reserve({layer: rows.shape[1] for layer, rows in values.items()})
        with hdf5(self._draft, "r+") as file:
            yield file

    def _reserve(self, sizes: Mapping[str, int]) -> None:
        import h5py

        # With all of its chunks in place, writing rows changes no book-keeping of the
        # file: killed half-way it loses the rows being written, and nothing else.
        early = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        early.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        early.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
        with hdf5(self._draft, "a") as file:
            for layer, size in sizes.items():
                name = f"{self.group}{layer}"
                if name in file and file[name].shape[1] == size:
                    self._keep(file[name])
                    continue
                if name in file:
                    del file[name]
                self._create(file, name, size, early)
        self._reserved = True

    def _keep(self, data: Any) -> None:
        data.resize(self._n, axis=0)

    def _create(self, file: Any, name: str, size: int, early: Any) -> None:
        rows = min(self._n, max(1, CHUNK_BYTES // (4 * size)))
        shape = {"chunks": (rows, size), "maxshape": (None, size)}
        file.create_dataset(name, (self._n, size), np.float32, **shape, dcpl=early)


class Features(Rows):
    """Features of conditions that have one image each: its row, and no mean."""

    group = ""

    def __init__(self, draft: Path, n_conditions: int, dtype: type):
        super().__init__(draft, n_conditions)
        self._dtype = dtype

    def write_at(self, places: np.ndarray, values: Mapping[str, np.ndarray]) -> None:
        """Write rows ``(m, units)`` by layer, each in the place of its condition."""
        with self._open(values) as file:
            for layer, rows in values.items():
                for place, row in zip(places, rows, strict=True):
                    file[layer][place] = row

    def _keep(self, data: Any) -> None:
        """Rows are as many as there are conditions."""

    def _create(self, file: Any, name: str, size: int, early: Any) -> None:
        file.create_dataset(name, (self._n, size), self._dtype, dcpl=early)


def mapped(path: Path, layers: Sequence[str]) -> dict[str, np.ndarray]:
    """Features in a file, read where they are used."""
    with hdf5(path, "r") as file:
        places = {layer: file[layer].id.get_offset() for layer in layers}
        kinds = {layer: (file[layer].dtype, file[layer].shape) for layer in layers}
    return {
        layer: np.memmap(path, kinds[layer][0], "r", place, kinds[layer][1])
        for layer, place in places.items()
    }
