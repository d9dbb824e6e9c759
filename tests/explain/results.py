"""A result made of random numbers: nothing is compiled."""

import numpy as np

from jaxprune.results import Pruning, Settings

N, UNITS = 9, 24


def result_of(
    features, target, order, size, *, compare="pearson", objective="r", units=None
):
    """A pruning with a ranking that was given, by the definitions."""
    from tests import reference

    options = {"compare": compare, "objective": objective}
    curve = reference.prefix_curve(features, target, order, **options)
    retained = np.sort(order[:size])
    n_units = features.shape[1]
    return Pruning(
        full_score=float(curve[-1]),
        importance=np.linspace(1, -0.2, n_units)[np.argsort(order)] ** 3,
        order=order,
        curve=curve,
        sizes=np.arange(1, n_units + 1),
        best_size=size,
        best_score=float(curve[size - 1]),
        retained=retained,
        target_rdm=reference.condensed(target),
        full_rdm=reference.rdm(features),
        pruned_rdm=reference.rdm(features[:, retained]),
        paths={"importance": "closed_form", "reintroduction": "prefix"},
        dtype="float64",
        device="cpu",
        settings=Settings(compare=compare, objective=objective),
        conditions=tuple(f"thing {i}" for i in range(len(features))),
        units=units,
    )
