"""Conditions on a page: names, pictures, categories, and orders to show them in."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import numpy as np

from ..base.arrays import squareform

THUMBNAIL = 64  # pixels
# Names are cut here: a sentence is a condition, too.
LONGEST = 80


@dataclass(frozen=True, eq=False)
class Conditions:
    """What is known of the conditions of a result.

    Attributes
    ----------
    names : tuple of str (n,)
    pictures : mapping of int to str
        Thumbnails as data URIs, of the conditions that have one.
    factors : mapping of str to ndarray (n,)
        Numbers or categories of the conditions, by name.
    notes : tuple of str
        What is to be said of them, of the order of thumbnails for example.
    """

    names: tuple[str, ...]
    pictures: Mapping[int, str] = field(default_factory=dict)
    factors: Mapping[str, np.ndarray] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @staticmethod
    def named(
        labels: tuple[str, ...] | None,
        n: int,
        pictures: Mapping[int, str] | None = None,
        factors: Mapping[str, Any] | None = None,
        notes: tuple[str, ...] = (),
    ) -> Conditions:
        """Conditions with their labels, or else numbered from 0."""
        names = labels or tuple(f"condition {i}" for i in range(n))
        short = (f"{t[:LONGEST]}…" if len(t) > LONGEST else t for t in names)
        arrays = {name: np.asarray(values) for name, values in (factors or {}).items()}
        return Conditions(tuple(short), pictures or {}, arrays, notes)

    @property
    def categories(self) -> np.ndarray | None:
        """The first factor of text, if there is one."""
        texts = (f for f in self.factors.values() if f.dtype.kind not in "iufb")
        return next(texts, None)


def thumbnail(image: Any, side: int = THUMBNAIL) -> str:
    """Return a small picture as a data URI.

    Parameters
    ----------
    image : PIL image, or ndarray of uint8 (H, W) or (H, W, 3)
    side : int
        Of the square that it fits in, in pixels.
    """
    from PIL import Image

    if not isinstance(image, Image.Image):
        image = Image.fromarray(np.ascontiguousarray(image))
    image = image.convert("RGB")
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    file = BytesIO()
    image.save(file, "JPEG", quality=82)
    return f"data:image/jpeg;base64,{b64encode(file.getvalue()).decode('ascii')}"


def by_cluster(rdm: np.ndarray) -> np.ndarray:
    """Order of conditions in which similar ones are neighbours.

    Average linkage of an RDM ``(P,)``, leaves ordered optimally; missing pairs count
    as far apart as the mean.

    >>> by_cluster(np.array([9.0, 1.0, 9.0, 9.0, 2.0, 9.0])).tolist()
    [0, 2, 3, 1]
    """
    from scipy.cluster.hierarchy import leaves_list, linkage

    present = np.isfinite(rdm)
    filled = np.where(present, rdm, rdm[present].mean() if present.any() else 0.0)
    # Crossnobis distances may be negative, and linkage takes none.
    return leaves_list(
        linkage(filled - min(filled.min(), 0), "average", optimal_ordering=True)
    )


def block_means(rdms: np.ndarray, order: np.ndarray, side: int) -> np.ndarray:
    """RDMs ``(k, P)`` averaged to blocks of conditions: ``(k, side, side)``.

    Pairs that are missing do not count; blocks without any are NaN.
    """
    starts = np.searchsorted(np.arange(len(order)) * side // len(order), range(side))

    def sums(square: np.ndarray) -> np.ndarray:
        rows = np.add.reduceat(square[order][:, order], starts, axis=0)
        return np.add.reduceat(rows, starts, axis=1)

    out = np.empty((len(rdms), side, side))
    for found, rdm in zip(out, rdms, strict=True):
        square = squareform(rdm, np.nan)
        present = np.isfinite(square)
        with np.errstate(invalid="ignore"):
            found[:] = sums(np.where(present, square, 0)) / sums(present.astype(float))
    return out
