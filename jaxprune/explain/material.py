"""What there is to explain a result with, checked once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base import checks
from ..base.sparse import is_sparse
from ..io.objects import has_labels, labelled, plain
from .conditions import Conditions, thumbnail

if TYPE_CHECKING:
    from ..results import Pruning

# A sparse layer is read unit by unit below this, and not at all above.
LARGEST_DENSE = 2**30  # bytes
REASONS = {
    "features": "the features are not at hand; give them",
    "controls": "the control RDMs are not at hand; give them",
    "factors": "no factors of the conditions were given",
    "network": "no network was given to make them with",
}


@dataclass(frozen=True, eq=False)
class Material:
    """A result, its features, and what is known of its conditions.

    Attributes
    ----------
    result : Pruning
    conditions : Conditions
    features : array_like or None
        As they were pruned.
    noise : array_like or None
    target : int
        Of several targets with a ranking each, the one that is explained.
    absent : mapping of str to str
        Why something was not given.
    controls : ndarray (K, P) or None
    """

    result: Pruning
    conditions: Conditions
    features: Any = None
    noise: Any = None
    target: int = 0
    absent: Mapping[str, str] = field(default_factory=dict)
    controls: Any = None

    def why(self, name: str) -> str:
        """Say why a part is left out that needs `name`."""
        if name == "features" and self.features is not None:
            return "they are sparse, and would take more than 1 GiB"
        return self.absent.get(name, REASONS[name])

    @cached_property
    def mask(self) -> np.ndarray:
        """Retained units ``(N,)``."""
        masks = np.atleast_2d(self.result.mask)
        return masks[self.target if len(masks) > 1 else 0]

    @cached_property
    def ranked_units(self) -> np.ndarray:
        """Retained units, the most important first; by index within a group."""
        order = np.atleast_2d(self.result.order)[self.target]
        group_of = self.result.group_of
        if group_of is None:
            return order[self.mask[order]]
        rank = np.empty(len(order) + 1, int)
        rank[order] = np.arange(len(order))
        rank[-1] = len(order)  # of units in no group, whose group is -1
        units = np.flatnonzero(self.mask)
        return units[np.argsort(rank[group_of[units]], kind="stable")]

    @cached_property
    def responses(self) -> np.ndarray | None:
        """Features ``(n, N)``, the mean of several folds; None where there are none."""
        if self.features is None:
            return None
        if is_sparse(self.features):
            n, units = self.features.shape
            return self.features.toarray() if 8 * n * units <= LARGEST_DENSE else None
        array = np.asarray(plain("features", self.features))
        return array.mean(0) if array.ndim > 2 else array


def material_of(
    result: Pruning,
    *,
    features: Any = None,
    noise: Any = None,
    images: Sequence[Any] | np.ndarray | None = None,
    factors: Mapping[str, Any] | None = None,
    target: int = 0,
    absent: Mapping[str, str] | None = None,
    controls: Any = None,
) -> Material:
    """Check what is given, and make thumbnails of the images.

    Parameters
    ----------
    result : Pruning
    features, noise : array_like, optional
    images : sequence of PIL image or ndarray of uint8, optional
        One a condition, in their order; None where there is none.
    factors : mapping of str to array_like (n,), optional
    target : int
    absent : mapping of str to str, optional
    controls : array_like (K, P), optional

    Raises
    ------
    ValueError
        If features, images or factors are not those of as many conditions, or there is
        no such target.
    """
    n, k = result.n_conditions, len(np.atleast_2d(result.importance))
    if not 0 <= checks.whole("target", target, 0) < k:
        raise ValueError(
            f"target={target}: the result has {k} ranking{'s' * (k > 1)}; expected 0 "
            f"to {k - 1}."
        )
    if features is not None and np.shape(features)[-2:] != (n, result.n_units):
        raise ValueError(
            f"features of shape {np.shape(features)}; expected those that were pruned, "
            f"({n}, {result.n_units})."
        )
    if has_labels(features):
        labels = labelled("features", features).labels
        if None not in (labels, result.conditions) and labels != result.conditions:
            raise ValueError(
                "features: their labels are not in the order of the result; expected "
                "the object that was pruned."
            )
    if images is not None and len(images) != n:
        raise ValueError(
            f"images: {len(images)} given; expected {n}, one a condition (None where "
            "there is none)."
        )
    for name, values in (factors or {}).items():
        if np.shape(values) != (n,):
            raise ValueError(
                f"factors[{name!r}] has shape {np.shape(values)}; expected ({n},), one "
                "value a condition."
            )
    pictures = {
        k: thumbnail(image)
        for k, image in enumerate(() if images is None else images)
        if image is not None
    }
    known = Conditions.named(result.conditions, n, pictures, factors)
    return Material(result, known, features, noise, target, absent or {}, controls)
