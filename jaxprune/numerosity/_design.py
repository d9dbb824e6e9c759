"""Linear model of a design: an orthonormal basis for what each term adds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ._factors import grouped, known
from .cells import CellMoments

# Relative size below which a direction is a rounding error (1e-15). The smallest true
# ones are sqrt(count of a cell / images): 1e-4 with one image among a hundred million.
RANK_TOLERANCE = 1e-8


@dataclass(frozen=True, eq=False)
class Design:
    """Bases of cell means times ``sqrt(count)``, where least squares is projection.

    Attributes
    ----------
    terms : tuple of str
        Such as ``("numerosity", "set", "numerosity:set")``.
    bases : tuple of ndarray (n_cells, df)
        What a term adds to the model of all terms that do not contain it.
    lack : ndarray (n_cells, ...)
        What no term can fit; no column where the model has a term for every cell.
    residual_df : int
    """

    terms: tuple[str, ...]
    bases: tuple[np.ndarray, ...]
    lack: np.ndarray
    residual_df: int


def make_design(cells: CellMoments, terms: Sequence[str] | None) -> Design:
    """Bases of each term by type II, and of the rest."""
    sets = _term_sets(cells.factors, terms)
    weight = np.sqrt(cells.count)[:, None]
    columns = {term: weight * _indicator(cells.factors, term) for term in sets}
    bases = []
    for term in sets:
        others = [columns[other] for other in sets if not set(term) <= set(other)]
        known_part, _ = _split(np.hstack([weight, *others]))
        basis = _added(columns[term], known_part)
        if not basis.shape[1]:
            raise ValueError(
                f"terms: {':'.join(term)!r} cannot be told from the other terms in "
                "this design (no degrees of freedom). Leave it out of terms, or name "
                "the terms to test."
            )
        bases.append(basis)
    fitted, lack = _split(np.hstack([weight, *columns.values()]))
    residual_df = cells.n_images - fitted.shape[1]
    if residual_df < 1:
        raise ValueError(
            f"responses: {cells.n_images} images for a model of {fitted.shape[1]} "
            "parameters leave no degrees of freedom for noise. Show more images per "
            "cell, or leave interactions out of terms."
        )
    names = tuple(":".join(term) for term in sets)
    return Design(names, tuple(bases), lack, residual_df)


def _indicator(factors: Mapping[str, np.ndarray], term: tuple[str, ...]) -> np.ndarray:
    """Cells by groups, 1 where the cell belongs to the group."""
    group, first = grouped(factors, term)
    return (group[:, None] == np.arange(len(first))).astype(np.float64)


def _split(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Orthonormal bases of the columns of x and of what is orthogonal to them."""
    u, s, _ = np.linalg.svd(x)
    rank = int((s > RANK_TOLERANCE * s[0]).sum())
    return u[:, :rank], u[:, rank:]


def _added(x: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """Orthonormal basis of the part of the columns of x outside a basis."""
    u, s, _ = np.linalg.svd(x - basis @ (basis.T @ x), full_matrices=False)
    added = u[:, s > RANK_TOLERANCE * np.linalg.norm(x)]
    # Twice is enough: the first projection left errors relative to x, not to the rest.
    return np.linalg.qr(added - basis @ (basis.T @ added))[0]


def _term_sets(
    factors: Mapping[str, np.ndarray], terms: Sequence[str] | None
) -> list[tuple[str, ...]]:
    """Factors of each term; of None every main effect and interaction."""
    for name, levels in factors.items():
        used = terms is None or any(name in term.split(":") for term in terms)
        if used and len(np.unique(levels)) < 2:
            raise ValueError(
                f"factors[{name!r}] has one level, {levels[0]}; at least 2 are needed "
                "to test it. Leave the factor out."
            )
    if terms is None:
        sizes = range(1, len(factors) + 1)
        return [term for size in sizes for term in combinations(factors, size)]
    return _complete([tuple(term.split(":")) for term in terms], factors)


def _complete(
    sets: list[tuple[str, ...]], factors: Iterable[str]
) -> list[tuple[str, ...]]:
    """Check that no interaction comes without the terms it contains."""
    if not sets:
        raise ValueError("terms is empty; expected at least one, or None for all.")
    found = {frozenset(term) for term in sets}
    if len(found) < len(sets) or any(len(set(term)) < len(term) for term in sets):
        raise ValueError(
            f"terms: {[':'.join(term) for term in sets]} names a term, or a factor "
            "within a term, twice. Name each once."
        )
    for term in sets:
        for name in term:
            known(name, factors, "terms")
        for part in combinations(term, len(term) - 1):
            if part and frozenset(part) not in found:
                raise ValueError(
                    f"terms: {':'.join(term)!r} without {':'.join(part)!r} would take "
                    "that effect for an interaction. Add it to terms."
                )
    return sets
