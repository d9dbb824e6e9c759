"""Which path computes leave-one-out: read off what metric and comparison declare.

A pair that declares nothing takes a general path; nothing else asks what kind it is.
"""

from __future__ import annotations

from ..base import checks
from ..comparisons import ALIASES, COMPARISONS
from ..metrics import METRICS

# Fastest first; the masked path computes anything.
PATHS = ("closed_form", "downdate", "masked")


def select_path(
    metric: str,
    compare: str,
    method: str = "auto",
    *,
    grouped: bool = False,
    read_out: bool = False,
) -> str:
    """Path that `leave_one_out` and `prune` take for a metric and a comparison.

    Parameters
    ----------
    metric : str
        As in :func:`leave_one_out`. ``"correlation"``, ``"cosine"``,
        ``"sqeuclidean"`` and ``"mahalanobis"`` have a closed form.
    compare : str
        ``"pearson"``, ``"spearman"``, ``"cosine"``, ``"tau-a"``, ``"tau-b"``,
        ``"rho-a"``, ``"corr_cov"`` or ``"cosine_cov"``; ``"corr"`` and ``"kendall"``
        (tau-b) as in rsatoolbox.
    method : str
        ``"auto"``, or a path to insist on.
    grouped : bool
        Groups of units are left out, which has no closed form.
    read_out : bool
        RDMs are of what a function reads from the layer: there is one path then.

    Returns
    -------
    str
        ``"closed_form"`` (matrix products, no RDM is formed), ``"downdate"`` (sums
        minus one unit), ``"masked"`` (sums over arbitrary masks) or ``"readout"``.

    Raises
    ------
    ValueError
        Unknown names, or a method that cannot compute this pair.

    Examples
    --------
    >>> import jaxprune as jp
    >>> jp.select_path("correlation", "pearson")
    'closed_form'
    >>> jp.select_path("correlation", "spearman")
    'downdate'
    """
    checks.choice("metric", metric, list(METRICS))
    checks.choice("compare", compare, [*COMPARISONS, *ALIASES])
    checks.choice("method", method, ["auto", *PATHS])
    if read_out:
        if method != "auto":
            raise ValueError(
                f"method={method!r} with readout: it says how units are left out of an "
                "RDM of units, and this one is of what is read from them. Leave it out."
            )
        return "readout"
    comparison = COMPARISONS[ALIASES.get(compare, compare)]
    closed = METRICS[metric].closed_form is not None and comparison.closed_form
    closed = closed and not grouped
    valid = PATHS if closed else PATHS[1:]
    if method == "auto":
        return valid[0]
    if method not in valid:
        raise ValueError(
            f"method={method!r} cannot compute metric={metric!r} with "
            f"compare={compare!r}{' and groups of units' * grouped}; it can be "
            f"computed by {list(valid)}, and method='auto' takes {valid[0]!r}."
        )
    return method
