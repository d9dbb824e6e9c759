"""The conditions that features and a target share: chosen by label, and said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..base import checks
from .aligning import check_unique, unnumbered
from .labelled import InputError, Labelled, composed, short, some
from .layouts import count_conditions, is_square, pair_positions


def shared(
    features: Labelled,
    target: Labelled,
    *,
    missing: str = "error",
    ignore_case: bool = False,
) -> tuple[Labelled, Labelled]:
    """Leave out the conditions of the features that a target lacks, and note it.

    Parameters
    ----------
    features, target : Labelled
        If one of them has no labels, both are returned as they came.
    missing : {"error", "drop"}
        What becomes of conditions of the target that the features lack.
    ignore_case : bool
        Labels match whatever their case, where none matches as it is written.

    Returns
    -------
    features, target : Labelled
        With the same labels, those of the features; the order of each is its own, for
        :func:`align`.

    Raises
    ------
    InputError
        If the target has conditions that the features lack, or the features have
        several that could be meant.

    Examples
    --------
    >>> features = Labelled(np.eye(4), ("a", "b", "c", "d"), "words")
    >>> target = Labelled(np.array([1.0, 2.0, 3.0]), ("D", "A", "B"), "pairs")
    >>> features, target = shared(features, target, ignore_case=True)
    >>> features.labels, target.labels, features.notes
    (('a', 'b', 'd'), ('d', 'a', 'b'), ("words: 1 of 4 conditions ... left out: 'c'",))
    """
    checks.choice("missing", missing, ["error", "drop"])
    ours = unnumbered(features, target).labels
    if ours is None or unnumbered(target, features).labels is None:
        return features, target
    check_unique(target)
    names = target.labels or ()
    at = places(features, names, target.source, missing, ignore_case)
    known = np.flatnonzero(at >= 0)
    if len(known) < len(at):
        target = _without(target, known, _unknown(features, names, at, target.source))
    target = replace(target, labels=tuple(ours[place] for place in at[known]))
    others = np.setdiff1d(np.arange(len(ours)), at)
    if not len(others):
        return features, target
    note = (
        f"{short(features.source)}: {len(others):,} of {len(ours):,} conditions that "
        f"{short(target.source)} lacks left out: {some(ours[k] for k in others)}"
    )
    return _taken(features, at[known]).noted(note), target


def chosen(
    features: Labelled,
    names: Sequence[str],
    *,
    missing: str = "error",
    ignore_case: bool = False,
) -> Labelled:
    """Take some conditions by their labels; see :func:`shared` for the options."""
    checks.choice("missing", missing, ["error", "drop"])
    if features.labels is None:
        raise InputError(
            f"{features.source} has no labels, and conditions were chosen by them; "
            "leave words (--words) out, or save labels beside the array."
        )
    names = tuple(dict.fromkeys(map(composed, names)))
    at = places(features, names, "words", missing, ignore_case)
    found = _taken(features, at[at >= 0])
    return found.noted(_unknown(features, names, at, "words"))


def places(
    features: Labelled, names: Sequence[str], source: str, missing: str, fold: bool
) -> np.ndarray:
    """Where the features have each name; -1 if they lack it and may."""
    exact: dict[str, list[int]] = {}
    folded: dict[str, list[int]] = {}
    for place, label in enumerate(features.labels or ()):
        exact.setdefault(label, []).append(place)
        folded.setdefault(label.casefold(), []).append(place)
    at = np.full(len(names), -1)
    for k, name in enumerate(names):
        found = exact.get(name) or (folded.get(name.casefold(), []) if fold else [])
        if len(found) > 1:
            labels = features.labels or ()
            raise InputError(
                f"{features.source}: {name!r} of {source} may be any of "
                f"{len(found)} conditions, {some(labels[f] for f in found)}; expected "
                "one. Rename or remove the others."
            )
        at[k] = found[0] if found else -1
    unknown = [name for name, place in zip(names, at, strict=True) if place < 0]
    if unknown and (missing == "error" or len(unknown) == len(names)):
        cases = 0 if fold else sum(name.casefold() in folded for name in unknown)
        advice = (
            f" {cases:,} of them are there in another case: ignore_case=True."
            if cases
            else ""
        )
        if len(unknown) < len(names):
            advice += " missing='drop' leaves them out."
        raise InputError(
            f"{features.source} lacks {len(unknown):,} of {len(names):,} conditions of "
            f"{source}: {some(unknown)}; expected all of them.{_others(features, at)}"
            f"{advice}"
        )
    places, counts = np.unique(at[at >= 0], return_counts=True)
    if (counts > 1).any():
        labels = [(features.labels or ())[place] for place in places[counts > 1]]
        raise InputError(
            f"{source}: several conditions are {some(labels)} of {features.source}; "
            "expected a different one for each."
        )
    return at


def _others(features: Labelled, at: np.ndarray) -> str:
    """What the features have in their place: labels may only be spelled otherwise."""
    others = np.setdiff1d(np.arange(len(features.labels or ())), at).tolist()
    left = [(features.labels or ())[place] for place in others]
    return f" It has {some(left)}." if left else ""


def _unknown(
    features: Labelled, names: Sequence[str], at: np.ndarray, source: str
) -> str:
    unknown = [name for name, place in zip(names, at, strict=True) if place < 0]
    if not unknown:
        return ""
    return (
        f"{short(source)}: {len(unknown):,} of {len(names):,} conditions that "
        f"{short(features.source)} lacks left out: {some(unknown)}"
    )


def _without(target: Labelled, known: np.ndarray, note: str) -> Labelled:
    """The target of some conditions, and how many judged pairs go with the others."""
    values = target.values
    if is_square(values.shape):
        kept = values[..., known[:, None], known]
    else:
        n = count_conditions(values.shape, target.source)
        kept = values[..., pair_positions(known, n)]
    lost = _judged(values) - _judged(kept)
    return replace(target, values=kept).noted(f"{note}, and {lost:,} pairs with them")


def _judged(values: np.ndarray) -> int:
    """Number of pairs that are there, in all targets together."""
    if is_square(values.shape):
        values = values[..., *np.triu_indices(values.shape[-1], 1)]
    return int(np.isfinite(values).sum())


def _taken(features: Labelled, at: np.ndarray) -> Labelled:
    """Some of the conditions, in the order in which the features have them."""
    rows = np.sort(at)
    values = features.values
    values = values[rows] if len(values.shape) == 2 else values[:, rows]
    labels = features.labels or ()
    return replace(features, values=values, labels=tuple(labels[k] for k in rows))
