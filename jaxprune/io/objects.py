"""Arrays that come with labels: objects of pandas, xarray and rsatoolbox.

None of these packages is imported. Labels of an object are never read past: where
features and target both have some, the target is brought in the order of the features.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from jax.core import Tracer

from ..base import checks
from ..base.sparse import is_sparse
from .aligning import align
from .labelled import (
    ADVICE,
    LABEL_NAMES,
    NO_LABELS,
    InputError,
    Labelled,
    as_labels,
    some,
)
from .pair_lists import pairs_in
from .rsatoolbox_rdms import read_rdms
from .sharing import shared

# Dimensions and stimulus coordinates of Brain-Score's assemblies.
PRESENTATION, NEUROID = "presentation", "neuroid"
STIMULI = ("stimulus_id", "image_id")


def matched(features: Any, target: Any) -> tuple[Any, Any]:
    """Bring a target in the order of the features where both have labels.

    Parameters
    ----------
    features, target : array_like, or objects of pandas, xarray or rsatoolbox

    Returns
    -------
    features, target : array_like
        As they came, unless both have labels; then their values. Conditions of the
        features that a list of pairs lacks are left out, with a warning.

    Raises
    ------
    InputError
        If both have labels, and not the same; or the target is a list of pairs, and the
        features have no labels.
    """
    if (pairs := judged_pairs(target)) is not None:
        return _of_pairs(features, pairs)
    if not has_labels(features) or not has_labels(target):
        return features, target
    ours, theirs = labelled("features", features), labelled("target", target)
    if ours.labels is not None and theirs.labels is not None:
        theirs = align(ours, theirs)[1]
    return ours.values, _single(theirs.values)


def names_of(features: Any, target: Any) -> dict[str, Any]:
    """Labels of the conditions, and what is known of the units; None where unknown."""
    conditions = units = None
    if has_labels(features):
        found = labelled("features", features)
        if (pairs := judged_pairs(target)) is not None:
            found, _ = shared(found, pairs)
        conditions, units = found.labels, found.units or None
    if conditions is None and has_labels(target):
        conditions = labelled("target", target).labels
    return {"conditions": conditions, "units": units}


def judged_pairs(target: Any) -> Labelled | None:
    """Target of a frame with a judged pair in each row; None of anything else.

    Columns are two conditions, the score and perhaps the rater, as in a file.

    Raises
    ------
    InputError
        If a score is text, or columns may be scores or raters.
    """
    if not _is_frame(target) or not hasattr(target, "columns"):
        return None
    n, k = target.shape
    text = sum(map(_no, target.dtypes))
    if n == 0 or k < 3 or (text < 2 and (k > 4 or n == k)):
        return None
    cells = target.astype(object).where(target.notna(), "").to_numpy()
    rows = [[str(cell) for cell in row] for row in cells]
    if type(target.columns).__name__ != "RangeIndex":
        rows.insert(0, [str(name) for name in target.columns])
    return pairs_in(rows, Path(f"target ({type(target).__name__})"))


def _of_pairs(features: Any, pairs: Labelled) -> tuple[Any, Any]:
    ours = labelled("features", features)
    if ours.labels is None:
        raise InputError(
            f"features have no labels, and {pairs.source} names its conditions: "
            f"{some(pairs.labels or ())}; expected a DataFrame with such labels as its "
            "index, or a DataArray with them as a coordinate."
        )
    ours, theirs = shared(ours, pairs)
    if ours.notes:
        warnings.warn("; ".join(ours.notes), stacklevel=3)
    return ours.values, align(ours, theirs)[1].values


def count_units(features: Any) -> int:
    """Number of units of features as they are given; 0 of what are none."""
    if NEUROID in getattr(features, "dims", ()):
        return features.sizes[NEUROID]
    return np.shape(features)[-1] if np.ndim(features) else 0


def has_labels(given: Any) -> bool:
    """Whether an object has labels of its conditions, of whatever kind."""
    return type(given) is not np.ndarray and (
        _is_frame(given) or _is_xarray(given) or hasattr(given, "get_vectors")
    )


def labelled(name: str, given: Any, labels: str | None = None) -> Labelled:
    """Values and labels of an object, or of an array, which has none.

    Parameters
    ----------
    name : {"features", "target"}
    given : array_like, Labelled, DataFrame, DataArray or RDMs
    labels : str, optional
        Column or coordinate that holds the labels, or `NO_LABELS`.

    Raises
    ------
    InputError
        Labels that cannot be used; of a target, other labels across than down.
    """
    if isinstance(given, Labelled):
        return given if labels != NO_LABELS else Labelled(given.values, None, name)
    if hasattr(given, "get_vectors"):
        return read_rdms(given, None, labels)
    if _is_frame(given):
        return _of_frame(name, given, labels)
    if _is_xarray(given):
        return _of_xarray(name, given, labels)
    if labels not in (None, NO_LABELS):
        raise InputError(
            f"labels={labels!r} was given with {name} of type {type(given).__name__}, "
            "which has none; leave it out."
        )
    return Labelled(np.asarray(plain(name, given)), None, name)


def plain(name: str, given: Any) -> Any:
    """The same if it can be taken for an array; of an object with labels its values.

    Raises
    ------
    InputError
        A path, a `Labelled`, a sparse matrix, rows of different lengths, or an array
        that jax traces.
    """
    if type(given) is np.ndarray:
        return given
    checks.unmasked(name, given)
    if has_labels(given):
        return _single(labelled(name, given).values)
    if isinstance(given, Tracer):
        raise InputError(
            f"{name} is traced by jax.jit, grad or vmap; expected an array of numbers, "
            "on which what is computed depends. Call the function outside of these."
        )
    if isinstance(given, str | bytes | Path):
        load = "load_target" if name == "target" else "load_features"
        raise InputError(
            f"{name}={str(given)!r} is text; expected an array. Load a file first: "
            f"jaxprune.io.{load}({str(given)!r}).values; load_features and load_target "
            "go together with jaxprune.io.align."
        )
    if isinstance(given, Labelled):
        raise InputError(
            f"{name} is a Labelled; expected an array: {name}.values. If both have "
            "labels, bring them in the same order first: features, target = "
            "jaxprune.io.align(features, target)."
        )
    if is_sparse(given):
        raise InputError(
            f"{name} is a sparse matrix ({type(given).__name__}); expected an array: "
            f"{name}.toarray()."
        )
    if isinstance(given, list | tuple):
        try:
            return np.asarray(given)
        except ValueError:
            raise InputError(
                f"{name} is a list whose rows differ in length or in kind; expected an "
                "array of numbers."
            ) from None
    return given


def _single(values: np.ndarray) -> np.ndarray:
    """One RDM of rsatoolbox is one target, not a stack of one."""
    return values[0] if values.ndim == 2 and len(values) == 1 else values


def _is_frame(given: Any) -> bool:
    return hasattr(given, "iloc") and hasattr(given, "index")


def _is_xarray(given: Any) -> bool:
    return hasattr(given, "dims") and hasattr(given, "coords")


def _of_frame(name: str, frame: Any, labels: str | None) -> Labelled:
    """Labels are the index, unless it only counts, as pandas makes it by default."""
    source = f"{name} ({type(frame).__name__})"
    if name == "target" and (pairs := judged_pairs(frame)) is not None:
        return pairs
    if not hasattr(frame, "columns"):
        # A Series is one column: of a target, its pairs, whose index is of pairs.
        return Labelled(frame.to_numpy(), None, source)
    if labels not in (None, NO_LABELS):
        if labels not in frame.columns:
            raise InputError(
                f"{source} has no column {labels!r} to take labels from; expected one "
                f"of {some(frame.columns, 8)}."
            )
        frame = frame.set_index(labels)
    text = [
        k for k, dtype in zip(frame.columns, frame.dtypes, strict=True) if _no(dtype)
    ]
    if text:
        raise InputError(
            f"{source}: columns {some(text)} hold no numbers; expected units only. Of "
            f"labels: {name}.set_index({text[0]!r})."
        )
    values = frame.to_numpy()
    down = None if labels == NO_LABELS else index_labels(frame.index, source)
    if name == "target" and values.shape[0] == values.shape[1] and down is not None:
        across = index_labels(frame.columns, f"{source}, columns")
        if across is not None and across != down:
            raise InputError(
                f"{source}: its columns are labelled {some(across)} and its rows "
                f"{some(down)}; expected the same labels in the same order: "
                f"{name}.loc[{name}.index, {name}.index]."
            )
    units = {}
    if name == "features" and type(frame.columns).__name__ != "RangeIndex":
        units["name"] = np.array(list(map(str, frame.columns)))
    return Labelled(values, down, source, units=units)


def _no(dtype: Any) -> bool:
    return getattr(dtype, "kind", "O") not in "biuf"


def index_labels(index: Any, source: str) -> tuple[str, ...] | None:
    """Labels of an index of pandas; None if it only counts, as it does by default."""
    if getattr(index, "nlevels", 1) > 1:
        raise InputError(
            f"{source} has an index of {index.nlevels} levels; expected one label a "
            "condition: reset_index, or join the levels to one text."
        )
    counts = type(index).__name__ == "RangeIndex"
    return None if counts else as_labels(list(index), f"{source} index")


def _of_xarray(name: str, array: Any, labels: str | None) -> Labelled:
    """Labels are the coordinate of the dimension of conditions."""
    source = f"{name} ({type(array).__name__})"
    if not hasattr(array, "values") or callable(array.values):
        raise InputError(
            f"{source} holds several variables; expected one: {name}[{some(array)}]."
        )
    if name == "features":
        array = _assembled(array, source)
    values = np.asarray(array.values)
    if values.ndim < 2 or labels == NO_LABELS:
        return Labelled(values, None, source)
    square = name == "target" and values.shape[-1] == values.shape[-2]
    if name == "target" and not square:
        return Labelled(values, None, source)
    down, texts = _coordinate(array, array.dims[-2], labels, source)
    if square and down is not None:
        across, _ = _coordinate(array, array.dims[-1], None, source)
        if across is not None and across != down:
            raise InputError(
                f"{source}: its columns are labelled {some(across)} and its rows "
                f"{some(down)}; expected the same labels in the same order."
            )
    units = {} if name == "target" else _unit_columns(array, array.dims[-1])
    return Labelled(values, down, source, texts=texts, units=units)


def _assembled(array: Any, source: str) -> Any:
    """Presentations x neuroids, as Brain-Score names them, whatever their order."""
    if not {PRESENTATION, NEUROID} & set(array.dims):
        return array
    others = [d for d in array.dims if d not in (PRESENTATION, NEUROID)]
    wrong = [d for d in others if array.sizes[d] > 1]
    if wrong or not {PRESENTATION, NEUROID} <= set(array.dims):
        advice = f" Take the mean: features.mean({wrong[0]!r})." if wrong else ""
        raise InputError(
            f"{source} has the dimensions {some(array.dims, 8)}; expected "
            f"{PRESENTATION!r} (conditions) and {NEUROID!r} (units).{advice}"
        )
    return array.squeeze(others).transpose(PRESENTATION, NEUROID)


def _unit_columns(array: Any, dim: str) -> dict[str, np.ndarray]:
    """Coordinates of the units, those that are numbers or text."""
    found = {}
    for name, values in _along(array, dim).items():
        column = np.asarray(values.values)
        name = "name" if name == dim else name
        text = column.dtype.kind in "OUST"
        found[name] = column.astype(str) if text else column
    return {k: v for k, v in found.items() if v.dtype.kind in "biufU"}


def _along(array: Any, dim: str) -> dict[str, Any]:
    """Coordinates of one dimension; of an index of several levels, these."""
    along = {str(k): c for k, c in array.coords.items() if tuple(c.dims) == (dim,)}
    levels = getattr(along[dim].to_index(), "nlevels", 1) if dim in along else 1
    if levels > 1:
        del along[dim]
    return along


def _coordinate(
    array: Any, dim: str, labels: str | None, source: str
) -> tuple[tuple[str, ...] | None, dict[str, int]]:
    """Labels along a dimension; where there are none, texts that might be."""
    along = _along(array, dim)
    if labels is not None:
        if labels not in along:
            raise InputError(
                f"{source} has no coordinate {labels!r} along {dim!r}; expected one of "
                f"{some(along, 8) or 'none: it has no coordinates'}. {ADVICE}"
            )
        return as_labels(along[labels].values, f"{source} [{labels}]"), {}
    for name in (dim, *LABEL_NAMES):
        if name in along:
            return as_labels(along[name].values, f"{source} [{name}]"), {}
    for name in STIMULI:
        # Repeated presentations of a stimulus have its name in common.
        if name in along and len(set(along[name].values.tolist())) == along[name].size:
            return as_labels(along[name].values, f"{source} [{name}]"), {}
    text = {k: c.size for k, c in along.items() if c.dtype.kind in "OUST"}
    return None, text
