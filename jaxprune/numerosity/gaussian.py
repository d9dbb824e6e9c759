"""Gaussian fits to tuning curves, on linear and compressed axes of number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import least_squares

from ..base import checks
from ..plots.record import Record

AXES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "linear": lambda n: n,
    "sqrt": np.sqrt,
    "cube_root": np.cbrt,
    "log2": np.log2,
}
# Lower and upper bounds of a, b, c in the code of Kim et al. (2021), numbers 1 to 30.
KIM_BOUNDS = ((0.0, 0.0, 0.0), (1.5, 30.0, 100.0))


@dataclass(frozen=True, eq=False, repr=False)
class GaussianFits(Record):
    """Gaussians fitted to G curves.

    Attributes
    ----------
    axis : str
    amplitude, centre, sigma : ndarray (G,)
        Centre and sigma in units of the axis: octaves on ``"log2"``.
    r2 : ndarray (G,)
        ``1 - SS_residual / SS_total``.
    n_undefined : int
        Curves that are NaN or flat, or whose fit did not converge; all they have is
        NaN.
    """

    axis: str
    amplitude: np.ndarray
    centre: np.ndarray
    sigma: np.ndarray
    r2: np.ndarray

    @property
    def n_undefined(self) -> int:
        """Number of curves without a fit."""
        return int(np.isnan(self.r2).sum())


def fit_gaussians(
    levels: Any,
    curves: Any,
    axis: str = "linear",
    *,
    bounds: tuple[tuple[float, ...], tuple[float, ...]] = KIM_BOUNDS,
) -> GaussianFits:
    r"""Least-squares Gaussians, one per curve.

    .. math::

        g(x) = a \exp\left(-\left(\frac{x - b}{c}\right)^2\right), \quad
        \sigma = c / \sqrt 2

    where x is the number, its square root, its cube root or its binary logarithm.

    Parameters
    ----------
    levels : array_like (k,)
        Numbers.
    curves : array_like (G, k)
        ``tuning_curves(cells).curves``, or `unit_curves` for single units (about 5 ms
        each).
    axis : {"linear", "sqrt", "cube_root", "log2"}
    bounds : pair of tuples of 3 floats
        Lower and upper bounds of a, b and c, on the axis; by default those of [2]_.

    Returns
    -------
    GaussianFits

    Raises
    ------
    ValueError
        An unknown axis, fewer than 4 levels, levels outside the axis or the bounds,
        curves of another length.

    References
    ----------
    .. [1] Nasr, Viswanathan & Nieder (2019), Science Advances 5:eaav7903.
    .. [2] Kim, Jang, Baek, Song & Paik (2021), Science Advances 7:eabd6127.

    Examples
    --------
    >>> numbers = np.array([1, 2, 4, 8, 16])
    >>> curve = np.exp(-((np.log2(numbers) - 2) ** 2) / 2)
    >>> fit = fit_gaussians(numbers, [curve], "log2")
    >>> fit.centre.round(3), fit.sigma.round(3), fit.r2.round(3)
    (array([2.]), array([1.]), array([1.]))
    """
    checks.choice("axis", axis, list(AXES))
    numbers = checks.array_of("levels", levels, float)
    rows = checks.array_of("curves", curves, float)
    if numbers.ndim != 1 or rows.ndim != 2 or rows.shape[1] != len(numbers):
        raise ValueError(
            f"curves has shape {rows.shape} for {numbers.size} levels; expected "
            f"(n_curves, {numbers.size})."
        )
    if len(numbers) < 4:
        raise ValueError(
            f"levels has {len(numbers)} numbers; at least 4 are needed to fit the 3 "
            "parameters of a Gaussian."
        )
    if not (numbers > 0 if axis == "log2" else numbers >= 0).all():
        raise ValueError(
            f"levels holds {numbers.min():g}, which has no place on the {axis} axis. "
            "Remove it, or choose another axis."
        )
    x = np.asarray(AXES[axis](numbers))
    if x.min() < bounds[0][1] or x.max() > bounds[1][1]:
        raise ValueError(
            f"levels run from {x.min():g} to {x.max():g} on the {axis} axis, outside "
            f"the bounds {bounds[0][1]:g} to {bounds[1][1]:g} of the centre. Pass "
            "bounds=((0, low, 0), (1.5, high, 100))."
        )
    fits = np.array([_fit(x, row, bounds) for row in rows]).reshape(-1, 4)
    return GaussianFits(
        axis, fits[:, 0], fits[:, 1], fits[:, 2] / np.sqrt(2), fits[:, 3]
    )


def _fit(x: np.ndarray, y: np.ndarray, bounds: Any) -> np.ndarray:
    """Parameters a, b, c and r2 of one curve."""
    undefined = np.full(4, np.nan)
    if not np.isfinite(y).all() or np.ptp(y) == 0:
        return undefined

    def parts(parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        z = (x - parameters[1]) / parameters[2]
        return z, np.exp(-(z**2))

    def residuals(parameters: np.ndarray) -> np.ndarray:
        return parameters[0] * parts(parameters)[1] - y

    def jacobian(parameters: np.ndarray) -> np.ndarray:
        z, bell = parts(parameters)
        slope = 2 * parameters[0] / parameters[2] * z * bell
        return np.stack([bell, slope, slope * z], 1)

    # From the peak, as wide as a quarter of the axis; inside the bounds, not on them.
    lower, upper = np.asarray(bounds, np.float64)
    margin = 1e-3 * (upper - lower)
    start = np.clip(
        [y.max(), x[y.argmax()], np.ptp(x) / 4], lower + margin, upper - margin
    )
    # SciPy's stubs know of no function as a Jacobian.
    jac: Any = jacobian
    found = least_squares(residuals, start, jac, bounds=(lower, upper))
    if not found.success:
        return undefined
    r2 = 1 - 2 * found.cost / np.square(y - y.mean()).sum()
    return np.append(found.x, r2)
