"""Inputs as people have them, good and bad, each from a seed.

What a seed gives is fixed; whether it is good or bad is not told: the tests hold what
comes out against plain NumPy, or else want an error that names what is wrong.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial.distance import pdist, squareform

N, UNITS = 6, 10
NAMES = ("cat", "dog", "owl", "fox", "ant", "bee")


def clean(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Features and a square target that say something about each other."""
    x = rng.normal(size=(N, UNITS)) + np.arange(N)[:, None] * rng.normal(size=UNITS)
    noise = np.triu(rng.random((N, N)), 1)
    target = np.abs(np.subtract.outer(np.arange(N), np.arange(N))) + noise + noise.T
    return x, target


def right(x: Any, target: Any) -> float:
    """Score of features and a square target, in this order."""
    upper = np.triu_indices(len(target), 1)
    d = pdist(np.asarray(x, float), "correlation")
    t = np.asarray(target, float)[upper]
    kept = ~np.isnan(t)
    return float(np.corrcoef(d[kept], t[kept])[0, 1])


def bad_arrays(x: np.ndarray) -> dict[str, Any]:
    """Features in shapes, dtypes and containers of all kinds."""
    with_nan = x.copy()
    with_nan[1, 2] = np.nan
    return {
        "as it is": x,
        "list": x.tolist(),
        "float32": x.astype("f4"),
        "float16": x.astype("f2"),
        "longdouble": x.astype(np.longdouble),
        "big-endian": x.astype(">f8"),
        "integers": np.round(x * 1e3).astype(np.int64),
        "booleans": x > x.mean(),
        "objects": x.astype(object),
        "text": x.astype(str),
        "complex": x * (1 + 1j),
        "dates": np.round(x).astype("M8[D]"),
        "NaN": with_nan,
        "infinite": np.where(with_nan != with_nan, np.inf, x),
        "masked": np.ma.masked_greater(x, x.mean()),
        "constant condition": np.where(np.arange(N)[:, None] == 2, 1.0, x),
        "constant unit": np.where(np.arange(UNITS) == 2, 1.0, x),
        "huge": x * 1e200,
        "tiny": x * 1e-250,
        "one unit": x[:, :1],
        "no units": x[:, :0],
        "two conditions": x[:2],
        "one row": x[0],
        "a number": 3.0,
        "nothing": None,
        "three axes": x.reshape(N, 2, -1),
        "transposed": x.T,
        "ragged": [[1.0, 2.0], [1.0]],
        "a mapping": {"x": x},
        "a path": "features.npy",
        "records": x.astype("f4").view([("a", "f4")]),
        "memory view": memoryview(np.ascontiguousarray(x)),
    }


def bad_targets(target: np.ndarray) -> dict[str, Any]:
    """The same of targets."""
    lower = np.tri(N, k=-1, dtype=bool)
    missing = target.copy()
    missing[0, 1] = missing[1, 0] = np.nan
    return {
        "as it is": target,
        "condensed": squareform(target),
        "list": target.tolist(),
        "float32": target.astype("f4"),
        "integers": np.round(10 * target).astype(int),
        "stack of one": target[None],
        "missing pair": missing,
        "all missing": np.full_like(target, np.nan),
        "lower triangle": np.where(lower, target, 0),
        "upper triangle": np.where(lower, np.nan, target),
        "asymmetric": target + lower,
        "diagonal": target + np.eye(N),
        "infinite": np.where(np.isnan(missing), np.inf, target),
        "constant": 1 - np.eye(N),
        "one too few": target[1:, 1:],
        "wrong length": squareform(target)[:-1],
        "column": squareform(target)[:, None],
        "objects": target.astype(object),
        "text": target.astype(str),
        "complex": target * 1j,
        "masked": np.ma.masked_equal(missing, target[2, 3]),
        "similarities": 1 - target / target.max(),
        "not square": target[:, 1:],
        "four axes": target[None, None],
        "empty": np.empty((0, 0)),
        "nothing": None,
        "a path": "target.npy",
        "ragged": [[0, 1], [1]],
    }


OPTIONS: list[dict[str, Any]] = [
    {},
    {},
    {},
    {"metric": "cosine"},
    {"metric": "euclid"},
    {"metric": None},
    {"metric": "poisson"},
    {"metric": "crossnobis"},
    {"metric": "mahalanobis"},
    {"compare": "spearman"},
    {"compare": "kendall"},
    {"compare": 3},
    {"objective": "r2"},
    {"objective": "r3"},
    {"undefined": "zero"},
    {"undefined": 0},
    {"target_kind": "similarity"},
    {"pool": "mean"},
    {"pool": "sum"},
    {"precision": "float16"},
    {"noise": np.ones(UNITS)},
    {"noise": np.nan},
    {"devices": "gpu"},
    {"memory": "much"},
    {"memory": float("nan")},
    {"memory": -1},
]


def bad_labels(rng: np.random.Generator, order: np.ndarray) -> list[Any]:
    """Labels of a file in this order: good ones, and what cannot be used."""
    good = [NAMES[k] for k in order]
    spoiled = list(good)
    spoiled[int(rng.integers(N))] = ""
    other = list(good)
    other[int(rng.integers(N))] = "cow"
    twice = [good[0], *good[:-1]]
    padded = [f"{name:<8}" for name in good]
    return [
        good,
        padded,
        np.array(good)[:, None],
        spoiled,
        other,
        twice,
        good[:-1],
        [*good, "cow"],
        [[name, name] for name in good],
        [1.5, np.nan, 2, 3, 4, 5],
        np.array(good, "S"),
    ]


def write(path: Path, arrays: dict[str, Any], sep: str = ",") -> Path:
    """Write arrays (the first, and labels) in the format that the suffix says."""
    if path.suffix == ".npz":
        np.savez(path, **arrays)
    elif path.suffix == ".mat":
        from scipy.io import savemat

        text = {k: v.astype(object) for k, v in _all(arrays) if v.dtype.kind == "U"}
        savemat(path, dict(_all(arrays)) | text)
    elif path.suffix == ".h5":
        import h5py

        with h5py.File(path, "w") as file:
            for name, array in _all(arrays):
                text = array.dtype.kind == "U"
                array = array.astype(object) if text else array
                file.create_dataset(
                    name, data=array, dtype=h5py.string_dtype() if text else None
                )
    else:
        (_, values), *rest = _all(arrays)
        rows = [list(map(repr, row)) for row in values.tolist()]
        if rest:
            column = [str(v) for v in rest[0][1].ravel()[: len(rows)]]
            rows = [[c, *row] for c, row in zip(column, rows, strict=False)]
            rows = [["label", *(f"u{k}" for k in range(values.shape[1]))], *rows]
        path.write_text("\n".join(map(sep.join, rows)) + "\n", encoding="utf-8")
    return path


def _all(arrays: dict[str, Any]) -> list[tuple[str, np.ndarray]]:
    return [(name, np.asarray(array)) for name, array in arrays.items()]
