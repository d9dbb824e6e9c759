"""Which numbers of units are scored where prunings are repeated many times.

Neighbouring sizes score nearly alike, so the best of a grid is close to the best of all
(.5896 and .5898 of 512 and of 25,088 in VGG-16's pool5), at a fifth of the cost. As a
statistic it is as good as the best of all: a test is valid for any statistic, as long
as observed and permuted targets have the same.
"""

from __future__ import annotations

from typing import Any

# Sizes of the grid, of layers with at least so many units.
SIZES, UNITS = 512, 2000


def grid(sizes: Any, n_units: int) -> Any:
    """The sizes asked for; else a grid for a wide layer, and all of a small one.

    >>> grid(None, 25_088), grid(None, 400), grid("all", 25_088)
    (512, 'all', 'all')
    """
    if sizes is not None:
        return sizes
    return SIZES if n_units >= UNITS else "all"
