"""Features of a layer, and the noise of its units."""

from __future__ import annotations

from typing import Any

import numpy as np

from .arrays import array_of, numeric

# Three conditions have three pairs, the fewest that a correlation is made of.
FEWEST = 3


# What a message says where the units in question are those of another process.
ELSEWHERE = "in the units of another process, which says where"


def _places(bad: np.ndarray, first: int = 0) -> str:
    """Where something is, in units counted from `first`; maybe in another process."""
    names = ("fold", "condition", "unit")[-bad.ndim :]
    places = np.argwhere(bad) + [*[0] * (bad.ndim - 1), first]
    if not len(places):
        return ELSEWHERE
    listed = (zip(names, place, strict=True) for place in places[:5])
    text = ", ".join(
        f"({', '.join(f'{name} {index}' for name, index in one)})" for one in listed
    )
    more = f" and {len(places) - 5} more" if len(places) > 5 else ""
    return f"{len(places)} at {text}{more}"


def together(name: str, several: bool) -> None:
    """What needs all units in one place."""
    if several:
        raise ValueError(
            f"{name} is given for pairs of units, whose contributions depend on each "
            "other: they cannot be shared among devices. Leave devices=None, or give "
            f"{name} as one number a unit."
        )


def features(x: Any, min_units: int, folded: bool = False) -> None:
    """Shape and dtype of ``(n_conditions, n_units)``, of several folds if `folded`."""
    numeric("features", x)
    if folded and (x.ndim != 3 or len(x) < 2):
        raise ValueError(
            f"features has shape {x.shape}; metric='crossnobis' takes (folds, "
            "n_conditions, n_units): at least 2 independent measurements of every "
            "condition, np.stack([first, second]). With one there is "
            "metric='mahalanobis' or 'sqeuclidean'."
        )
    if not folded and x.ndim != 2:
        hint = (
            "Flatten each condition to a row: features.reshape(len(features), -1)."
            if x.ndim > 2
            else "One row per condition, one column per unit."
        )
        raise ValueError(
            f"features has {x.ndim} dimension(s), shape {x.shape}; expected "
            f"(n_conditions, n_units). {hint}"
        )
    n, n_units = x.shape[-2:]
    if n < 3:
        raise ValueError(
            f"features has {n} condition(s), shape {x.shape}; at least 3 are needed to "
            "compare RDMs. Rows are conditions: transpose if yours are columns."
        )
    if n_units < min_units:
        raise ValueError(
            f"features has {n_units} unit(s), shape {x.shape}; at least {min_units} "
            f"{'is' if min_units == 1 else 'are'} needed. Columns are units."
        )


def finite(x: Any, low: np.ndarray, high: np.ndarray, first: int = 0) -> None:
    """No NaN, no infinity; `low` and `high` are the extremes of each row.

    `first` is the number of the first unit of x.
    """
    if np.isfinite(low).all() and np.isfinite(high).all():
        return
    bad = ~np.isfinite(np.asarray(x, float))
    raise ValueError(
        f"features contains NaN or infinity: {_places(bad, first)} (counted from 0). "
        "Remove those conditions or units, or replace the values."
    )


def non_negative(
    x: Any, low: np.ndarray, first: int = 0, name: str = "features"
) -> None:
    """No negative number; `low` is the smallest of each row."""
    if (low < 0).any():
        raise ValueError(
            f"{name} is negative: {_places(np.asarray(x) < 0, first)} (counted "
            "from 0), but "
            "metric='poisson' takes counts or rates. Pass responses from before a "
            "baseline was subtracted, or after a rectifier; or use another metric."
        )


def stays_sparse(counts: bool, noise: bool, distributed: bool) -> None:
    """A sparse matrix only where its zeros stay zeros, in one process."""
    what = {
        "metric='poisson' adds to every number": counts,
        "noise scales and mixes units": noise,
        "several processes share units of arrays": distributed,
    }
    if reasons := [text for text, given in what.items() if given]:
        raise ValueError(
            f"features is a sparse matrix, and {reasons[0]}; expected an array: "
            "features.toarray()."
        )


def readout(folded: bool, noise: bool, sparse: bool, several: bool) -> None:
    """A read-out only where its patterns are all that the RDM is made of."""
    what = {
        "metric='crossnobis' takes folds": folded,
        "noise is that of the units of the layer": noise,
        "features is a sparse matrix": sparse,
        "devices are several": several,
    }
    if reasons := [text for text, given in what.items() if given]:
        raise ValueError(
            f"readout was given, and {reasons[0]}; expected an array of features "
            "(n, n_units), a metric without noise, and one device."
        )


def noise_wanted(metric: str, wants: str, given: bool) -> None:
    """Noise where a metric takes it, and nowhere else."""
    if given and wants == "none":
        raise ValueError(
            f"noise was given with metric={metric!r}, which takes none. Leave it out, "
            "or use metric='mahalanobis', or 'crossnobis'."
        )
    if not given and wants == "required":
        raise ValueError(
            f"noise=None with metric={metric!r}; expected the precision of the noise "
            "of the units, (n_units,) or (n_units, n_units), one over their variances "
            "for example. Without noise it is metric='sqeuclidean'."
        )


def noise(value: Any, n_units: int) -> np.ndarray:
    """A precision in float64: positive ``(N,)``, or positive definite ``(N, N)``."""
    array = array_of("noise", value)
    numeric("noise", array)
    array = array.astype(np.float64)
    if array.shape not in [(n_units,), (n_units, n_units)]:
        raise ValueError(
            f"noise has shape {array.shape}; expected the precision of {n_units} "
            f"units, ({n_units},) if their noise is independent, else "
            f"({n_units}, {n_units})."
        )
    diagonal = array if array.ndim == 1 else np.diagonal(array)
    bad = np.flatnonzero(~(diagonal > 0) | ~np.isfinite(diagonal))
    if len(bad):
        listed = ", ".join(f"{unit} ({diagonal[unit]:g})" for unit in bad[:5])
        raise ValueError(
            f"noise is not a positive, finite precision for {len(bad)} unit(s): "
            f"{listed} (counted from 0). It is one over a variance: drop units without "
            "any variance, or add a small one."
        )
    if array.ndim == 1:
        return array
    if not np.isfinite(array).all():
        raise ValueError(
            f"noise has {int((~np.isfinite(array)).sum())} entries that are NaN or "
            "infinite; expected a precision matrix."
        )
    # Symmetric up to the rounding of a file, or of the inverse it comes from.
    scale = np.multiply.outer(np.sqrt(diagonal), np.sqrt(diagonal))
    if (np.abs(array - array.T) > 1e-6 * scale).any():
        raise ValueError(
            "noise is not symmetric; expected a precision matrix, the inverse of a "
            "covariance. Of one that is close to singular the inverse is round-off: "
            "shrink it towards its diagonal first. Otherwise average noise with its "
            "transpose, if that is what you mean."
        )
    array = array / 2 + array.T / 2
    try:
        np.linalg.cholesky(array / scale)
    except np.linalg.LinAlgError:
        raise ValueError(
            "noise is not positive definite, so it is no inverse of a covariance. A "
            "covariance estimated from fewer measurements than units has none: shrink "
            "it towards its diagonal first."
        ) from None
    return array


def constant_conditions(
    rows: np.ndarray, centred: bool, name: str = "features"
) -> None:
    """Refuse patterns `rows` that have no similarity to any other."""
    if not len(rows):
        return
    listed = ", ".join(str(row) for row in rows[:5])
    more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""
    what = "is constant over all units" if centred else "is zero in all units"
    raise ValueError(
        f"{name} {what} for condition(s) {listed}{more} (counted from 0), so their "
        "similarity to any other condition is undefined. Remove those conditions from "
        "features and target, or pass undefined='zero' to count such similarities as "
        "0, or use a Euclidean metric."
    )
