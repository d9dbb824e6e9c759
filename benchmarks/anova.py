"""Number detectors of the largest area: ``python -m benchmarks.anova``.

V1 of CORnet-Z, 200,704 units x 3,200 images in 32 cells: the moments of the cells, and
the factorial analysis of variance of them. There is no rival: SciPy and statsmodels
take one unit at a time. Their time is measured on a few units, and scaled.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import f_oneway

from jaxprune.numerosity import anova_from_cells, cell_moments
from jaxprune.stimuli import karami32

from .core import timed
from .machine import describe, short

N_UNITS, N_INSTANCES, SAMPLE = 200_704, 100, 200


def main() -> None:
    """Print what each step takes."""
    print(short(describe()))
    # Only the levels of the factors are needed, not the images.
    design = karami32(1, 0)
    factors = {
        name: np.repeat(levels, N_INSTANCES) for name, levels in design.factors.items()
    }
    rng = np.random.default_rng(0)
    x = np.empty((len(design.labels) * N_INSTANCES, N_UNITS), np.float32)
    for row in x:
        rng.standard_normal(dtype=np.float32, out=row)
    moments = timed(cell_moments, x, factors)
    anova = timed(anova_from_cells, moments.values)
    print(f"moments of 32 cells        {moments.work:6.1f} s")
    print(f"factorial ANOVA, 7 terms   {anova.work:6.1f} s")
    number = factors["numerosity"]
    groups = [x[number == level, :SAMPLE] for level in np.unique(number)]

    def one_way() -> None:
        for unit in range(SAMPLE):
            f_oneway(*(group[:, unit] for group in groups))

    each = timed(one_way).work / SAMPLE
    print(f"scipy, 7 one-way tests of each unit, scaled {7 * each * N_UNITS:6.0f} s")


if __name__ == "__main__":
    main()
