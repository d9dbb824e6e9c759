"""Simulated units that respond to number and to nothing else, and who finds them."""

from __future__ import annotations

import numpy as np

from ...numerosity import RULES as DETECTORS
from ...numerosity import cell_moments
from ...stimuli.designs.karami32 import FIELD_DIAMETERS, ITEM_AREAS, NUMEROSITIES
from .measure import RULES

ETA2 = (0.004, 0.01, 0.02, 0.05)


def share_found(
    eta2: float, n_units: int = 1000, n_instances: int = 100, seed: int = 0
) -> dict[str, float]:
    """Share of pure number units that each rule selects.

    Units respond to the logarithm of number, linearly and with normal noise, in the
    design of the study.

    Parameters
    ----------
    eta2 : float
        Share of a unit's variance that is due to number.
    n_units, n_instances, seed : int

    Returns
    -------
    dict of str to float
        By rule.

    Examples
    --------
    >>> share_found(0.05, n_units=100)
    {'one_way_cells': 0.0, 'factorial': 0.9...}
    """
    shape = len(NUMEROSITIES), len(ITEM_AREAS), len(FIELD_DIAMETERS), n_instances
    number, area, field, _ = (axis.ravel() for axis in np.indices(shape))
    effect = np.log(NUMEROSITIES)[number]
    effect = (effect - effect.mean()) / effect.std()
    noise = np.random.default_rng(seed).normal(size=(number.size, n_units))
    responses = np.sqrt(eta2) * effect[:, None] + np.sqrt(1 - eta2) * noise
    factors = {"numerosity": number, "item_area": area, "field_area": field}
    cells = cell_moments(responses, factors)
    return {rule: DETECTORS[rule](cells).share for rule in RULES}
