"""Where dots go: uniformly among the positions that are still free.

Rejection sampling gets slow, then stuck, as a field fills up. Here a lattice of
positions carries its clearance, the radius of the largest dot that still fits there,
so a free position is drawn directly and a full field is recognised at once.
"""

from __future__ import annotations

import numpy as np

from .fields import Field

# A field that is full after some dots may take all of them in other positions. Past
# this many attempts the request is as good as impossible.
ATTEMPTS = 100


def place(
    diameters: np.ndarray,
    field: Field,
    gap: float,
    step: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Centres of dots that do not touch, inside a field around the origin.

    All lengths are in one unit of the caller's choice. Dots are placed largest first,
    each uniformly among the positions of a square lattice where it lies inside the
    field and at least ``gap`` away from every dot before it. The lattice is shifted by
    a random fraction of its step, so that positions are not tied to it.

    Parameters
    ----------
    diameters : array-like (N,)
        Diameter of every dot.
    field : Field
        Such as ``disc(5.0)``; dots lie inside it with their whole area.
    gap : float
        Smallest distance allowed between the edges of two dots.
    step : float
        Distance between neighbouring lattice positions.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray (N, 2)
        Centres (x, y) relative to the middle of the field, in the order of
        ``diameters``.

    Raises
    ------
    ValueError
        If a length is not positive, or if the dots do not fit.

    Examples
    --------
    >>> from jaxprune.stimuli import disc
    >>> rng = np.random.default_rng(0)
    >>> centres = place([2.0, 1.0], disc(5.0), gap=0.5, step=0.1, rng=rng)
    >>> smallest_gap(centres, [2.0, 1.0]) >= 0.5
    True
    """
    radii = np.asarray(diameters, float) / 2
    if radii.ndim != 1 or radii.size == 0 or not np.all(radii > 0):
        raise ValueError(
            f"diameters: expected a vector of positive lengths, got {diameters!r}"
        )
    if not (step > 0 and gap >= 0):
        raise ValueError(
            f"step must be positive and gap not negative, got step={step}, gap={gap}"
        )
    for _ in range(ATTEMPTS):
        centres = _attempt(radii, field, gap, step, rng)
        if centres is not None:
            return centres
    raise ValueError(no_room(2 * radii, field, gap))


def no_room(diameters: np.ndarray, field: Field, gap: float) -> str:
    """Say that the dots do not fit, with the numbers, and what to do."""
    covered = np.sum(np.pi / 4 * np.asarray(diameters) ** 2) / field.area
    return (
        f"no room for {np.size(diameters)} dots of diameter {np.min(diameters):.4g} to "
        f"{np.max(diameters):.4g} in {field.name} with a gap of {gap:.4g}: the dots "
        f"alone would cover {covered:.0%} of the field, and {ATTEMPTS} attempts found "
        "no arrangement. Ask for fewer or smaller dots, a larger field or a smaller "
        "gap."
    )


def smallest_gap(centres: np.ndarray, diameters: np.ndarray) -> float:
    """Smallest distance between the edges of two dots; negative if they overlap.

    >>> smallest_gap([[0.0, 0.0], [3.0, 4.0]], [2.0, 4.0])
    2.0
    """
    places, radii = np.asarray(centres, float), np.asarray(diameters, float) / 2
    i, j = np.triu_indices(radii.size, 1)
    apart = np.hypot(*(places[i] - places[j]).T) - radii[i] - radii[j]
    return float(apart.min(initial=np.inf))


def _attempt(
    radii: np.ndarray, field: Field, gap: float, step: float, rng: np.random.Generator
) -> np.ndarray | None:
    """Place every dot once; None if a dot finds no free position."""
    n_steps = int(np.ceil(2 * field.half_width / step))
    axes = -field.half_width + step * (np.arange(n_steps) + rng.random((2, 1)))
    x, y = axes[0][None, :], axes[1][:, None]
    clearance = field.clearance(x, y)
    centres = np.empty((radii.size, 2))
    for dot in np.argsort(-radii, kind="stable"):
        free = np.flatnonzero(clearance >= radii[dot])
        if free.size == 0:
            return None
        row, column = divmod(int(free[rng.integers(free.size)]), n_steps)
        centres[dot] = axes[0, column], axes[1, row]
        # Later dots are no larger than this one, so beyond this reach nothing that
        # is compared with a radius changes, and the rest of the lattice is left alone.
        reach = int(np.ceil((2 * radii[dot] + gap) / step))
        near = (
            slice(max(row - reach, 0), row + reach + 1),
            slice(max(column - reach, 0), column + reach + 1),
        )
        distance = np.hypot(
            x[:, near[1]] - centres[dot, 0], y[near[0]] - centres[dot, 1]
        )
        clearance[near] = np.minimum(clearance[near], distance - radii[dot] - gap)
    return centres
