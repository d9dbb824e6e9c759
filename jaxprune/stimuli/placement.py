"""Where dots go: uniformly among the positions that are still free.

Rejection sampling gets slow, then stuck, as a field fills up. Here a lattice of
positions carries its clearance, the radius of the largest dot that still fits there,
so a free position is drawn directly and a full field is recognised at once.
"""

from __future__ import annotations

import numpy as np

# A field that is full after some dots may take all of them in other positions. Past
# this many attempts the request is as good as impossible.
ATTEMPTS = 100


def place(
    diameters: np.ndarray,
    field_diameter: float,
    gap: float,
    step: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Centres of dots that do not touch, inside a circular field around the origin.

    All lengths are in one unit of the caller's choice. Dots are placed largest first,
    each uniformly among the positions of a square lattice where it lies inside the
    field and at least ``gap`` away from every dot before it. The lattice is shifted by
    a random fraction of its step, so that positions are not tied to it.

    Parameters
    ----------
    diameters : array-like (N,)
        Diameter of every dot.
    field_diameter : float
        Diameter of the field; dots lie inside it with their whole area.
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
    >>> centres = place([2.0, 1.0], 5.0, 0.5, 0.1, np.random.default_rng(0))
    >>> bool(np.hypot(*(centres[0] - centres[1])) >= 1.0 + 0.5 + 0.5)
    True
    """
    radii = np.asarray(diameters, float) / 2
    if radii.ndim != 1 or not np.all(radii > 0):
        raise ValueError(
            f"diameters: expected a vector of positive lengths, got {diameters!r}"
        )
    if not (field_diameter > 0 and step > 0 and gap >= 0):
        raise ValueError(
            "field_diameter and step must be positive and gap not negative, got "
            f"field_diameter={field_diameter}, step={step}, gap={gap}"
        )
    for _ in range(ATTEMPTS):
        centres = _attempt(radii, field_diameter / 2, gap, step, rng)
        if centres is not None:
            return centres
    covered = np.sum(radii**2) / (field_diameter / 2) ** 2
    raise ValueError(
        f"no room for {radii.size} dots of diameter {2 * radii.min():.4g} to "
        f"{2 * radii.max():.4g} in a field of diameter {field_diameter:.4g} with a gap "
        f"of {gap:.4g}: the dots alone would cover {covered:.0%} of the field, and "
        f"{ATTEMPTS} attempts found no arrangement. Ask for fewer or smaller dots, a "
        "larger field or a smaller gap."
    )


def _attempt(
    radii: np.ndarray, field: float, gap: float, step: float, rng: np.random.Generator
) -> np.ndarray | None:
    """Place every dot once; None if a dot finds no free position."""
    n_steps = int(np.ceil(2 * field / step))
    axes = -field + step * (np.arange(n_steps) + rng.random((2, 1)))
    x, y = axes[0][None, :], axes[1][:, None]
    clearance = field - np.hypot(x, y)
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
