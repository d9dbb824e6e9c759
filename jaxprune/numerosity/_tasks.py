"""What the tasks share: which images are shown in pairs, and a classifier of pairs.

Classifiers see images only through their inner products, so a Gram matrix of the images
is computed once, and the kernel of any number of pairs is read from it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import checks

C = 1.0  # cost of an error, of both tasks
Pair = tuple[np.ndarray, np.ndarray]  # images shown first, and second
# Units converted to float64 together.
BLOCK = 4096


def as_task(responses: Any, numerosity: Any) -> tuple[Any, np.ndarray, np.ndarray]:
    """Responses ``(n, N)``, distinct numbers ``(k,)``, and which one an image shows."""
    x = checks.array_of("responses", responses)
    checks.numeric("responses", x)
    if x.ndim != 2 or 0 in x.shape:
        raise ValueError(
            f"responses has shape {x.shape}; expected (n_images, n_units). Flatten "
            "each image's responses to a row: responses.reshape(len(responses), -1)."
        )
    if not np.isfinite([x.min(), x.max()]).all():
        raise ValueError(
            "responses contains NaN or infinity; remove those images or units."
        )
    numbers = checks.array_of("numerosity", numerosity)
    checks.numeric("numerosity", numbers)
    if numbers.shape != (len(x),):
        raise ValueError(
            f"numerosity has shape {numbers.shape}; expected ({len(x)},), one number "
            "for each row of responses."
        )
    checks.each_finite("numerosity", numbers, "image")
    levels, level = np.unique(numbers, return_inverse=True)
    if len(levels) < 2:
        raise ValueError(
            f"numerosity is {levels[0]} in every image; expected at least 2 numbers."
        )
    return x, levels, level


def rounded(kernel: np.ndarray) -> np.ndarray:
    """Kernel with the digits of float32, as float64.

    libsvm keeps its diagonal in float64 and the rest in float32. Of images that hardly
    differ, the two then contradict each other, and the fit may never end.
    """
    return kernel.astype(np.float32).astype(float)


def whole(name: str, value: Any, least: int = 1) -> int:
    """A whole number of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise ValueError(f"{name}={value!r}: expected a whole number.")
    if value < least:
        raise ValueError(f"{name}={value}: expected at least {least}.")
    return int(value)


def as_split(train: Any, level: np.ndarray, least: int) -> np.ndarray | None:
    """Mask of the images to train with; None leaves it to :func:`halves`."""
    if train is not None:
        train = checks.array_of("train", train)
        if train.dtype != bool or train.shape != level.shape:
            raise ValueError(
                f"train has shape {train.shape} and dtype {train.dtype}; expected a "
                f"boolean mask of shape {level.shape}, True for images to train with."
            )
    k = level.max() + 1
    counts = (
        np.bincount(level) // 2
        if train is None
        else np.minimum(
            np.bincount(level[train], minlength=k),
            np.bincount(level[~train], minlength=k),
        )
    )
    if counts.min() < least:
        raise ValueError(
            f"numerosity: one of the numbers has {counts.min()} image(s) to train or "
            f"to test with; expected at least {least} for each. Pass more images, or "
            "another split as `train`."
        )
    return train


def halves(level: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Mask of a random half of the images of each number."""
    shuffled = rng.permutation(len(level))
    by_level = shuffled[np.argsort(level[shuffled], kind="stable")]
    count = np.bincount(level)
    place = np.arange(len(level)) - np.repeat(np.cumsum(count) - count, count)
    mask = np.zeros(len(level), bool)
    mask[by_level] = place < np.repeat(count, count) // 2
    return mask


def image_pairs(
    shown: np.ndarray,
    level: np.ndarray,
    n_pairs: int,
    matching: float,
    rng: np.random.Generator,
) -> Pair:
    """Images shown first and second, `n_pairs` for each number shown first.

    A share `matching` of the pairs shows one number in two different images; in the
    others the second number is drawn uniformly from those that the first is not.
    """
    images = np.flatnonzero(shown)
    images = images[np.argsort(level[images], kind="stable")]
    count = np.bincount(level[images])
    start = np.cumsum(count) - count
    first = np.repeat(np.arange(len(count)), n_pairs)
    second = (first + rng.integers(1, len(count), len(first))) % len(count)
    place, other = rng.integers(count[first]), rng.integers(count[second])
    same = np.tile(np.arange(n_pairs) < matching * n_pairs, len(count))
    second[same] = first[same]
    available = count[first[same]]
    other[same] = (place[same] + rng.integers(1, available)) % available
    return images[start[first] + place], images[start[second] + other]


def gram(
    x: np.ndarray, units: np.ndarray, scaled_by: np.ndarray | None = None
) -> np.ndarray:
    """Inner products ``(n, n)`` of images, of each unit less its mean.

    Units are in units of their SD over the images `scaled_by`, if that is given; a
    unit that is constant over these is left out.
    """
    products = np.zeros((len(x), len(x)))
    for begin in range(0, len(units), BLOCK):
        block = x[:, units[begin : begin + BLOCK]].astype(np.float64)
        block -= block.mean(0)
        if scaled_by is not None:
            spread = block[scaled_by].std(0)
            block *= np.divide(1, spread, out=np.zeros_like(spread), where=spread > 0)
        products += block @ block.T
    return products


def classifier() -> Any:
    """A support vector machine that is given a kernel."""
    try:
        from sklearn.svm import SVC
    except ImportError as error:
        raise ImportError(
            "Number comparison and match-to-sample need scikit-learn, which is not "
            "installed; install it with pip install 'jaxprune[sklearn]'."
        ) from error
    return SVC(C=C, kernel="precomputed")
