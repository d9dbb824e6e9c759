"""A result as objects of pandas and rsatoolbox, which are imported when asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .tables import curve_columns, unit_columns

if TYPE_CHECKING:
    from .records import PruningFields


def to_frame(result: PruningFields) -> Any:
    """Return ``units.csv`` as a DataFrame of pandas, a row a unit."""
    pandas = _pandas()
    return pandas.DataFrame(unit_columns(result, result.units)).set_index("unit")


def curve_frame(result: PruningFields) -> Any:
    """Return ``curve.csv`` as a DataFrame of pandas, a row a number of units."""
    return _pandas().DataFrame(curve_columns(result)).set_index("size")


def to_rsatoolbox(result: PruningFields) -> tuple[Any, Any]:
    """Return the RDMs of all and of the retained units, and what predicts the latter.

    Parameters
    ----------
    result : Pruning

    Returns
    -------
    rdms : rsatoolbox.rdm.RDMs
        That of all units first; conditions under ``conds``, where their labels are
        known, and ``rdm_descriptors["units"]``: ``"all"``, ``"retained"`` (with
        several targets ``"retained_0"`` and so on).
    model : rsatoolbox.model.ModelFixed, or list of them
        Of the retained units; one a target.

    Raises
    ------
    ImportError
        If rsatoolbox is not installed.
    """
    try:
        from rsatoolbox.model.model import ModelFixed
        from rsatoolbox.rdm.rdms import RDMs
    except ImportError as error:
        raise ImportError(
            "to_rsatoolbox needs rsatoolbox: pip install rsatoolbox"
        ) from error
    pruned = np.atleast_2d(result.pruned_rdm)
    several = result.pruned_rdm.ndim > 1
    names = [f"retained_{k}" if several else "retained" for k in range(len(pruned))]
    conditions = result.conditions

    def rdms_of(values: np.ndarray, units: list[str]) -> Any:
        return RDMs(
            values,
            dissimilarity_measure=result.settings.metric,
            rdm_descriptors={"units": units},
            pattern_descriptors={"conds": list(conditions)} if conditions else None,
        )

    models = [
        ModelFixed(name, rdms_of(rdm[None], [name]))
        for name, rdm in zip(names, pruned, strict=True)
    ]
    rdms = rdms_of(np.vstack([result.full_rdm[None], pruned]), ["all", *names])
    return rdms, models if several else models[0]


def _pandas() -> Any:
    try:
        import pandas
    except ImportError as error:
        raise ImportError("a frame needs pandas: pip install pandas") from error
    return pandas
