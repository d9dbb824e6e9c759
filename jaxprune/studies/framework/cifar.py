"""CIFAR-10 as it is found on disks."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ...io.entries import reading
from ...io.labelled import InputError

SIZE = 32
TRAIN, TEST = ("x_train", "y_train"), ("x_test", "y_test")
# One byte of the label, then the image, channel first.
BINARY_ROW = 1 + 3 * SIZE * SIZE


def read(path: Path) -> dict[str, np.ndarray]:
    """Arrays by name, those of `TRAIN` and `TEST` where they are there.

    Parameters
    ----------
    path : Path
        NPZ file, folder of NPY files, or folder of the binary version. The version of
        Python pickles is not read: loading it would run what it says.

    Raises
    ------
    FileNotFoundError
        If there is no such file or folder.
    ValueError
        If a file is damaged.
    """
    if path.is_dir():
        binary = sorted(path.glob("data_batch_*.bin"))
        if binary:
            return _binary(TRAIN, binary) | _binary(TEST, [path / "test_batch.bin"])
        files = {name: path / f"{name}.npy" for name in (*TRAIN, *TEST)}
        with reading(path):
            return {
                name: np.load(file, allow_pickle=False)
                for name, file in files.items()
                if file.is_file()
            }
    if not path.is_file():
        raise FileNotFoundError(
            f"images: there is no file or folder {path}; relative names start at "
            f"{Path.cwd()}"
        )
    with reading(path):
        arrays = np.load(path, allow_pickle=False)
        if isinstance(arrays, np.ndarray):
            raise InputError(
                f"images: {path} holds one array, of shape {arrays.shape}; expected an "
                f".npz file with {', '.join((*TRAIN, *TEST))}, or a folder"
            )
        with arrays:
            return {name: arrays[name] for name in arrays.files}


def _binary(names: tuple[str, str], files: list[Path]) -> dict[str, np.ndarray]:
    """Images and labels of the binary version of CIFAR-10."""
    rows = np.concatenate([np.fromfile(file, np.uint8) for file in files])
    if len(rows) % BINARY_ROW:
        raise ValueError(
            f"images: {files[0].parent} holds files that are cut off: "
            f"{len(rows):,} bytes, expected a multiple of {BINARY_ROW:,}."
        )
    rows = rows.reshape(-1, BINARY_ROW)
    images = rows[:, 1:].reshape(-1, 3, SIZE, SIZE).transpose(0, 2, 3, 1)
    return dict(zip(names, (images, rows[:, 0]), strict=True))
