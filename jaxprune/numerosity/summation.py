"""Number tuning out of nothing: random sums of inputs that rise or fall with number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base import checks
from ..plots.record import Record
from ._tasks import whole


@dataclass(frozen=True, eq=False, repr=False)
class Summation(Record):
    """What :func:`summation_model` gave, run by run; the model has k numbers.

    Attributes
    ----------
    levels : ndarray (k,)
    n_preferring : ndarray of int (n_runs, k)
        Outputs that prefer each number.
    n_silent : ndarray of int (n_runs,)
        Outputs that respond to none.
    curves : ndarray (n_runs, k, k)
        Row g: mean response of the outputs that prefer ``levels[g]``, scaled to run
        from 0 to 1. NaN where no output does.
    decreasing, increasing : ndarray (n_runs, k)
        Mean weight from decreasing and from increasing inputs into the outputs that
        prefer each number, in SD of all weights.
    """

    levels: np.ndarray
    n_preferring: np.ndarray
    n_silent: np.ndarray
    curves: np.ndarray
    decreasing: np.ndarray
    increasing: np.ndarray

    @property
    def share(self) -> np.ndarray:
        """Share of the outputs that respond, by preferred number, ``(n_runs, k)``."""
        return self.n_preferring / self.n_preferring.sum(1, keepdims=True)


def summation_model(
    levels: Any = (1, *range(2, 31, 2)),
    *,
    n_runs: int = 1000,
    n_inputs: int = 60,
    n_outputs: int = 10_000,
    sigma_decreasing: tuple[float, float] = (1.94, 1.5),
    sigma_increasing: tuple[float, float] = (2.19, 1.5),
    seed: int = 0,
) -> Summation:
    r"""Random sums of inputs that are tuned to the smallest and the largest number.

    .. math::

        y = \max\left(0, \sum_i w_i \exp\left(-\frac{(\log_2 n - \log_2 p_i)^2}
        {2 \sigma_i^2}\right)\right)

    where half of the inputs fall from the smallest number on (their peak p), and half
    rise to the largest. Widths and weights are drawn from normal distributions.
    Whatever an output prefers, nothing was learned.

    Parameters
    ----------
    levels : array_like (k,)
        Numbers, above 0; by default those of the study.
    n_runs : int
        How often inputs and weights are drawn.
    n_inputs : int
        Decreasing inputs, and as many increasing ones.
    n_outputs : int
    sigma_decreasing, sigma_increasing : (float, float)
        Mean and SD of the widths, in octaves; by default those that the study took
        from monotonic units of an untrained AlexNet.
    seed : int

    Returns
    -------
    Summation

    Raises
    ------
    ValueError
        Numbers that are not above 0, or a count below 1.

    Notes
    -----
    Weights have a standard deviation of 1, in the study .0065: outputs scale with it,
    and what they prefer does not depend on it.

    References
    ----------
    .. [1] Kim, Jang, Baek, Song & Paik (2021), Science Advances 7:eabd6127.

    Examples
    --------
    >>> model = summation_model(n_runs=2, n_outputs=2000)
    >>> share = model.share.mean(0)
    >>> bool(share[0] > share[8] and share[-1] > share[8])
    True
    """
    numbers = np.sort(checks.array_of("levels", levels, float))
    if numbers.ndim != 1 or len(numbers) < 2 or not numbers[0] > 0:
        raise ValueError(f"levels={levels!r}: expected two or more numbers above 0.")
    for name, value in (
        ("n_runs", n_runs),
        ("n_inputs", n_inputs),
        ("n_outputs", n_outputs),
    ):
        whole(name, value)
    runs = []
    for run in range(n_runs):
        rng = np.random.default_rng([seed, run])
        falling = _inputs(numbers, numbers[0], sigma_decreasing, n_inputs, rng)
        rising = _inputs(numbers, numbers[-1], sigma_increasing, n_inputs, rng)
        weights = rng.normal(size=(2, n_inputs, n_outputs))
        runs.append(_summed(np.stack([falling, rising]), weights))
    return Summation(numbers, *map(np.stack, zip(*runs, strict=True)))


def _inputs(
    numbers: np.ndarray,
    peak: float,
    sigma: tuple[float, float],
    n: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Tuning curves ``(n, k)`` around one peak."""
    widths = rng.normal(*sigma, size=(n, 1))
    return np.exp(-(np.log2(numbers / peak) ** 2) / (2 * widths**2))


def _summed(inputs: np.ndarray, weights: np.ndarray) -> tuple[Any, ...]:
    """Outputs by what they prefer: how many, their curves, and their weights."""
    outputs = np.maximum(np.einsum("sik,sio->ok", inputs, weights, optimize=True), 0)
    active = outputs.any(1)
    best = outputs.argmax(1)
    members = (best == np.arange(inputs.shape[2])[:, None]) & active
    count = members.sum(1)
    with np.errstate(invalid="ignore"):  # no output prefers this number: NaN
        curves = members @ outputs / count[:, None]
        low, high = curves.min(1, keepdims=True), curves.max(1, keepdims=True)
        curves = (curves - low) / (high - low)
        into = members @ weights.mean(1).T / count[:, None]
    return count, int((~active).sum()), curves, into[:, 0], into[:, 1]
