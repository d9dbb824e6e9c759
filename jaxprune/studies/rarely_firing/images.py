"""Images of ten classes: CIFAR-10 as it is found on disks, or dot arrays."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from ...io.entries import reading
from ...stimuli import one_to_ten
from .options import Options

Labelled = tuple[np.ndarray, np.ndarray]

SIZE = 32
TRAIN, TEST = ("x_train", "y_train"), ("x_test", "y_test")
# CIFAR-10 has five training images for each test image.
PER_TEST_IMAGE = 5
# Test images are drawn with another seed than training images.
SEEDS = 0, 1
# One byte of the label, then the image, channel first.
BINARY_ROW = 1 + 3 * SIZE * SIZE


@dataclass(frozen=True, eq=False)
class Images:
    """Images and their classes.

    Attributes
    ----------
    name : str
        What they show.
    train : pair of ndarray (n, 32, 32[, 3]), (n,), or None
        Images and classes to learn from; None where nothing is trained.
    test : pair of ndarray (m, 32, 32[, 3]), (m,)
        Shown to the trained networks.
    """

    name: str
    train: Labelled | None
    test: Labelled

    @property
    def fingerprint(self) -> str:
        """SHA-256 of everything."""
        total = sha256()
        for array in (*(self.train or ()), *self.test):
            total.update(f"{array.dtype} {array.shape}".encode())
            total.update(np.ascontiguousarray(array).data)
        return total.hexdigest()


def images_of(options: Options) -> Images:
    """Images that the options ask for.

    Raises
    ------
    FileNotFoundError
        If there is no such file or folder.
    ValueError
        If it does not hold what is needed.
    """
    if options.images is None:
        n = options.n_instances
        train, test = map(_dots, (n, n // PER_TEST_IMAGE), SEEDS)
        return Images("dot arrays", train, test)
    path = Path(options.images).expanduser()
    arrays = _read(path)
    wanted = (*TRAIN, *TEST) if options.seeds else TEST
    missing = [name for name in wanted if name not in arrays]
    if missing:
        raise ValueError(
            f"images: {path} holds {', '.join(sorted(arrays)) or 'no arrays'}; "
            f"expected {', '.join(wanted)}: images, uint8 (n, 32, 32, 3), and their "
            "classes, (n,)."
        )
    train = None
    if options.seeds:
        train = _few(*_checked(arrays, TRAIN, path), options.n_instances)
    return Images(path.name, train, _checked(arrays, TEST, path))


def _dots(n: int, seed: int) -> Labelled:
    """So many images of one dot, of two, ... ten; classes count from 0."""
    drawn = one_to_ten(n, seed)
    return drawn.images, drawn.levels("numerosity").astype(int) - 1


def _read(path: Path) -> dict[str, np.ndarray]:
    """Arrays by name, of a file or a folder."""
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
    with reading(path), np.load(path, allow_pickle=False) as arrays:
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


def _checked(
    arrays: dict[str, np.ndarray], names: tuple[str, str], path: Path
) -> Labelled:
    """Images and labels that LeNet-5 can take."""
    images, labels = (arrays[name] for name in names)
    labels = labels.reshape(-1)  # Keras has (n, 1)
    right = images.dtype == np.uint8 and images.shape[1:] == (SIZE, SIZE, 3)
    if not right or labels.dtype.kind not in "iu" or len(labels) != len(images):
        raise ValueError(
            f"images: {path} holds {names[0]}, {images.dtype} {images.shape}, and "
            f"{names[1]}, {labels.dtype} {labels.shape}; expected uint8 (n, 32, 32, 3) "
            "and one integer for each."
        )
    return images, labels.astype(int)


def _few(images: np.ndarray, labels: np.ndarray, n: int) -> Labelled:
    """Up to n images of each class, drawn at random, in the order that they had."""
    shuffled = np.random.default_rng(SEEDS[0]).permutation(len(labels))
    kept = [shuffled[labels[shuffled] == one][:n] for one in np.unique(labels)]
    rows = np.sort(np.concatenate(kept))
    return images[rows], labels[rows]
