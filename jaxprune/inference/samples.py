"""What is resampled or left out: conditions, and subjects with all of their RDMs."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import checks


def members_of(subjects: Any, k: int) -> list[np.ndarray]:
    """Positions, among k RDMs, of those of each subject, in order of their labels."""
    given = range(k) if subjects is None else subjects
    labels = checks.labels_of("subjects", given)
    if labels.shape != (k,):
        raise ValueError(
            f"subjects has shape {labels.shape}; expected one label for each of the "
            f"{k} RDM(s) of target."
        )
    return [np.flatnonzero(labels == label) for label in np.unique(labels)]
