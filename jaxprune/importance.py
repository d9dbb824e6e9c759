"""Leave-one-unit-out importance: how much the fit drops without each unit.

As a definition it asks for one RDM a unit. But an RDM is a sum over units, so a layer
without a unit is a small change of a sum; and where metric and comparison are products
of such sums, all importances come out of a few matrix products (`kernels.closed_form`).
"""

from __future__ import annotations

from typing import Any

from .base import checks
from .engine.importances import importances
from .engine.problem import make_problem
from .engine.select import select_path
from .results import Importance


def leave_one_out(
    features: Any,
    target: Any,
    metric: str = "correlation",
    compare: str = "pearson",
    *,
    groups: Any = None,
    controls: Any = None,
    semi: bool = False,
    readout: Any = None,
    objective: str = "r",
    method: str = "auto",
    precision: str = "auto",
    undefined: str = "nan",
    target_kind: str = "dissimilarity",
    pool: str = "each",
    noise: Any = None,
    batch_size: int | None = None,
    devices: Any = None,
    memory: Any = None,
    progress: bool = False,
) -> Importance:
    r"""Importance of every unit: how much the fit drops without it.

    .. math:: \mathrm{importance}_k = \mathrm{score}(\text{all units})
              - \mathrm{score}(\text{all units but } k)

    Parameters
    ----------
    features : array_like (n_conditions, n_units)
        Activations, one row per condition; ``(folds, n_conditions, n_units)`` for
        ``"crossnobis"``. A jax array stays on its device.
    target : array_like or RDMs
        Target RDM: square ``(n, n)``, condensed ``(n (n - 1) / 2,)``, a stack
        ``(k, n, n)`` of several, or an rsatoolbox ``RDMs``. NaN marks missing pairs.
    metric : str
        Distance between conditions:

        - ``"correlation"``: 1 - r, Pearson's r over units;
        - ``"squared_correlation"``: 1 - r², as in [2]_ (with ``objective="r2"``);
        - ``"cosine"``: one minus the cosine;
        - ``"euclidean"``: the plain distance, and ``"sqeuclidean"`` its square (what
          rsatoolbox calls ``'euclidean'`` is the square divided by the number of
          units);
        - ``"mahalanobis"``: the squared distance in units of the noise, summed over
          units (rsatoolbox divides by their number; scipy's is the root);
        - ``"crossnobis"``: the same between independent measurements, 0 on average
          where conditions differ by noise alone [3]_;
        - ``"poisson"``: symmetrised divergence of Poisson rates, features >= 0.
    compare : str
        How the two RDMs are compared: ``"pearson"``, ``"spearman"``, ``"cosine"``,
        ``"tau-a"``, ``"tau-b"``, ``"rho-a"``, or whitened, ``"corr_cov"`` and
        ``"cosine_cov"``; ``"corr"`` and ``"kendall"`` as in rsatoolbox.
    groups : array_like, optional
        Groups of units, such as feature maps, that are left out together: a label for
        each unit ``(n_units,)``, a list of arrays of indices, or booleans
        ``(n_groups, n_units)``; the last two may share units here. A unit in no group
        is never left out. :func:`groups_of` labels units by channel or position.
    controls : array_like or RDMs, optional
        RDMs of what else the conditions differ in, given as a target is; or a list of
        them. Their share is taken out of target and layer: the score is a partial
        correlation [4]_. For ``compare`` pearson, spearman (of ranks) and cosine
        (around 0, not the mean: there controls have to be dissimilarities).
        What is taken out is their linear share (in ranks for spearman).
    semi : bool
        Take the share of the controls out of the target only.
    readout : callable, optional
        What the RDM is read from, if not from the layer itself: a function of JAX
        arrays, from the layer ``(n_conditions, n_units)`` to patterns
        ``(n_conditions, M)``, such as the rest of a network
        (``jaxprune_ports.from_layer``). Units that are left out are zero then, not
        deleted. It is computed in the precision of the run, for many masks at once; if
        its first step is linear, :class:`LinearReadout` says so.
    objective : {"r", "r2"}
        The score, or its square (which hides its sign).
    method : {"auto", "closed_form", "downdate", "masked"}
        Path; see :func:`select_path`.
    precision : {"auto", "float64", "float32"}
        Computing precision; ``"auto"`` is float64 where that is fast.
    undefined : {"nan", "zero"}
        A score in which some similarity is undefined (a constant pattern) is NaN; or
        such similarities count as 0, and so does an undefined score.
    target_kind : {"dissimilarity", "similarity"}
        Similarities s are used as dissimilarities 1 - s.
    pool : {"each", "mean"}
        Several targets: each for itself, or the mean score over them.
    noise : array_like (n_units,) or (n_units, n_units), optional
        Precision (inverse covariance) of the noise of the units, as in rsatoolbox:
        needed for ``"mahalanobis"``, possible for ``"crossnobis"``. One number a unit
        where their noise is independent. The precision of a *subset* S of units is
        the inverse of its part of the covariance, ``inv(inv(noise)[S, S])``: what
        would have been estimated had only these units been recorded. It is not
        ``noise[S, S]``, which supposes that the other units are known.
    batch_size : int, optional
        Units computed together; by default it follows from the memory.
    devices : None, "all", Mesh, or list of jax devices
        Share the units among several devices; None computes on one. With
        ``jax.distributed``, devices of other processes too: every process makes the
        same call, with the same array (best one that is read where it is sliced: a
        memory map, a dataset of HDF5 or zarr), of which it reads the units of its own
        devices, and gets the whole result.
    memory : int, float or str, optional
        What each device may use beside features that are there already: bytes, text
        such as ``"4GiB"``, or a share of its memory between 0 and 1. By default 2 GiB
        on a CPU, 3/4 elsewhere. It decides how much is computed at once, and whether
        features stay on the device or stream from the host.
    progress : bool
        Show a progress bar on stderr.

    Returns
    -------
    Importance
        ``full_score``, ``scores``, ``importance``; a leading axis for several targets
        with ``pool="each"``. A unit whose removal leaves a condition constant has NaN.
        With groups everything is one a group, and ``groups`` has their names.

    Raises
    ------
    ValueError
        Bad input; the message names the argument and says what to do.
    MemoryError
        A device is full: it was tried again with less, down to 1/32 of `memory`.

    Warns
    -----
    RuntimeWarning
        Before the first of these tries.

    References
    ----------
    .. [1] Tarigopula, Fairhall, Bavaresco, Truong, Hasson (2023). Improved prediction
       of behavioral and neural similarity spaces using pruned DNNs. Neural Networks
       168, 89-104.
    .. [2] Truong, Hasson (2022). ICCM.
    .. [3] Walther, Nili, Ejaz, Alink, Kriegeskorte, Diedrichsen (2016). Reliability of
       dissimilarity measures for multi-voxel pattern analysis. NeuroImage 137, 188-200.
    .. [4] Kim (2015). ppcor: an R package for a fast calculation to semi-partial
       correlation coefficients. Communications for Statistical Applications and Methods
       22, 665-674.

    Examples
    --------
    >>> import numpy as np, jaxprune as jp
    >>> rng = np.random.default_rng(0)
    >>> features, position = rng.random((6, 20)), np.arange(6.0)
    >>> features[:, 3] += position
    >>> target = np.abs(position[:, None] - position)
    >>> result = jp.leave_one_out(features, target, metric="euclidean")
    >>> int(result.importance.argmax()), result.path
    (3, 'downdate')

    Units are left out together where they are labelled alike:

    >>> maps = jp.leave_one_out(features, target, groups=np.arange(20) // 4)
    >>> int(maps.importance.argmax()), maps.groups
    (0, array([0, 1, 2, 3, 4]))

    What units carry of the target beside another RDM, here one that goes with it:

    >>> beside = jp.leave_one_out(
    ...     features, target, metric="euclidean", controls=np.sqrt(target)
    ... )
    >>> round(result.full_score, 2), round(beside.full_score, 2)
    (0.97, 0.73)

    The RDM is that of three units that respond to the layer:

    >>> import jax
    >>> weights = rng.normal(size=(20, 3))
    >>> def above(layer):
    ...     return jax.nn.relu(layer @ weights)
    >>> read = jp.leave_one_out(features, target, metric="euclidean", readout=above)
    >>> without = features * (np.arange(20) != 7)
    >>> score = jp.score(np.asarray(above(without)), target, metric="euclidean")
    >>> bool(np.isclose(read.scores[7], score, atol=1e-6)), read.path
    (True, 'readout')
    """
    kind = {"grouped": groups is not None, "read_out": readout is not None}
    path = select_path(metric, compare, method, **kind)
    batch_size = checks.positive_or_none("batch_size", batch_size)
    problem = make_problem(
        features,
        target,
        metric=metric,
        compare=compare,
        objective=objective,
        precision=precision,
        undefined=undefined,
        target_kind=target_kind,
        pool=pool,
        devices=devices,
        memory=memory,
        noise=noise,
        groups=groups,
        overlapping=True,
        controls=controls,
        semi=semi,
        readout=readout,
    )
    full, scores, importance = importances(problem, path, batch_size, progress)
    single = not problem.stacked or pool == "mean"
    return Importance(
        full_score=float(full[0]) if single else full,
        scores=scores[0] if single else scores,
        importance=importance[0] if single else importance,
        path=path,
        dtype=problem.device.dtype,
        device=problem.device.name,
        settings=problem.settings,
        groups=problem.group_names,
    )
