"""Kinds of retained units: clusters of those that respond alike.

Two units that respond alike, or with the sign turned round, carry the same pattern. So
thousands of units are read as tens of kinds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

N_KINDS = 20
# Units that are clustered; the distances of more would not fit a laptop's memory.
CLUSTERED = 4000
SILENT = -1


@dataclass(frozen=True, eq=False)
class Kinds:
    """Clusters of units, the largest first.

    Attributes
    ----------
    kind : ndarray of int (m,)
        Of every unit, from 0; -1 for those that respond alike to all conditions.
    sizes : ndarray of int (K,)
    similarity : ndarray (K,)
        Root of the mean r² of the units of a kind with its profile.
    profiles : ndarray (K, n)
        Mean of the units of a kind, each around its mean, of unit length, and with the
        sign of the first one.
    examples : ndarray of int (K,)
        The unit that is most like the profile, as a place among the m.
    clustered : int
        How many were clustered; each of the others joined the kind it is most like.
    """

    kind: np.ndarray
    sizes: np.ndarray
    similarity: np.ndarray
    profiles: np.ndarray
    examples: np.ndarray
    clustered: int


def kinds_of(units: np.ndarray, n_kinds: int = N_KINDS) -> Kinds:
    r"""Cluster units by their responses: average linkage on :math:`1 - |r|`.

    Parameters
    ----------
    units : ndarray (n, m)
        Responses of the units, those first that come first where not all can be
        clustered.
    n_kinds : int
        Clusters, at most.

    Returns
    -------
    Kinds

    Raises
    ------
    ValueError
        If `n_kinds` is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> a, b = np.array([0.0, 1, 2, 3]), np.array([1.0, 0, 0, 1])
    >>> found = kinds_of(np.stack([a, b, -a, 2 * a + 1], axis=1), 2)
    >>> found.kind.tolist(), found.sizes.tolist()
    ([0, 1, 0, 0], [3, 1])
    """
    from scipy.cluster.hierarchy import fcluster, linkage

    if n_kinds < 1:
        raise ValueError(f"n_kinds={n_kinds}: expected at least 1.")
    centred = units - units.mean(0, dtype=float)
    length = np.linalg.norm(centred, axis=0)
    varies = length > 1e-12 * np.sqrt(len(units)) * np.abs(units).max(0, initial=0)
    live = np.flatnonzero(varies)
    patterns = centred[:, live] / length[live]
    kind = np.full(units.shape[1], SILENT)
    if not len(live):
        none = np.zeros(0, int)
        return Kinds(kind, none, np.zeros(0), np.zeros((0, len(units))), none, 0)
    first = patterns[:, :CLUSTERED]
    labels = np.zeros(len(live), int)
    if first.shape[1] > 1:
        r = np.abs(first.T @ first)
        distances = 1 - r[np.triu_indices(len(r), 1)]
        tree = linkage(np.maximum(distances, 0), "average")
        labels[: len(r)] = fcluster(tree, n_kinds, "maxclust") - 1
    n_found = int(labels.max()) + 1
    own = [first[:, labels[: first.shape[1]] == k] for k in range(n_found)]
    profiles = np.stack([_profile(columns) for columns in own])
    rest = patterns[:, CLUSTERED:]
    labels[CLUSTERED:] = np.abs(profiles @ rest).argmax(0)
    order = np.argsort(-np.bincount(labels), kind="stable")
    labels = np.argsort(order)[labels]
    profiles = np.stack([_profile(patterns[:, labels == k]) for k in range(n_found)])
    like = np.abs(np.einsum("ni,in->i", patterns, profiles[labels]))
    sizes = np.bincount(labels)
    similarity = np.sqrt(np.bincount(labels, like**2) / sizes)
    examples = [live[np.where(labels == k, like, -1).argmax()] for k in range(n_found)]
    kind[live] = labels
    return Kinds(
        kind, sizes, similarity, profiles, np.array(examples, int), first.shape[1]
    )


def _profile(patterns: np.ndarray) -> np.ndarray:
    """Mean of patterns ``(n, m)`` with the sign of the first, of unit length."""
    signs = np.where(patterns[:, 0] @ patterns < 0, -1.0, 1.0)
    mean = patterns @ signs
    return mean / np.linalg.norm(mean)
