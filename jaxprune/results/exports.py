"""A result as objects of pandas, rsatoolbox and PyTorch, imported when asked for."""

from __future__ import annotations

import math
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


def to_torch_mask(
    result: PruningFields,
    module_layer: Any,
    target: int | None = None,
    channels_last: bool = False,
) -> Any:
    """Prune a layer of a PyTorch module while it runs, by a forward hook.

    What the layer puts out is multiplied by 1 for retained units and by 0 for others,
    so that whatever comes after it sees these alone.

    Parameters
    ----------
    result : Pruning
    module_layer : torch.nn.Module
        The layer that the features were read from: ``model.layer4``. Its outputs have
        the units in this order, flattened channel-first, or along the last axis as
        those of one token. If it is called several times, so is the hook.
    target : int, optional
        Whose units, where there are several targets.
    channels_last : bool
        Whether it puts out ``(n, H, W, C)``, as in Swin transformers; the order of the
        units is channel-first all the same.

    Returns
    -------
    torch.utils.hooks.RemovableHandle
        ``handle.remove()`` gives the whole layer back, as does the end of a ``with``.

    Raises
    ------
    ValueError
        If there are several targets and `target` is none of them; and, when the layer
        runs, if it has another number of units or puts out several tensors.

    Examples
    --------
    ::

        with result.to_torch_mask(model.layer4):
            pruned = model(images)
    """
    masks = result.mask.astype(np.float32)
    if masks.ndim > 1 and (target is None or not 0 <= target < len(masks)):
        raise ValueError(
            f"target={target}: each of {len(masks)} targets has units of its own; "
            f"expected 0 to {len(masks) - 1}."
        )
    mask = masks if masks.ndim == 1 else masks[target]

    def hook(_module: Any, _inputs: Any, output: Any) -> Any:
        return _masked(output, mask, channels_last)

    return module_layer.register_forward_hook(hook)


def _masked(output: Any, mask: np.ndarray, channels_last: bool) -> Any:
    """Output of a layer times the mask of its units; the one tensor of a tuple."""
    if isinstance(output, tuple):
        parts: list[Any] = list(output)
        real = [getattr(part, "is_floating_point", bool)() for part in parts]
        if sum(real) == 1:
            k = real.index(True)
            parts[k] = _masked(parts[k], mask, channels_last)
            return tuple(parts)
    values: Any = output
    shape: tuple[int, ...] = tuple(getattr(values, "shape", ()))
    units, last = math.prod(shape[1:]), shape[-1] if len(shape) == 3 else None
    if mask.size not in (units, last):
        what = f"of shape {shape}" if shape else f"a {type(values).__name__}"
        raise ValueError(
            f"module_layer: its output is {what}, and the result is of {mask.size:,} "
            "units; expected the layer that the features are of, with one tensor "
            "(images, ...) as its output."
        )
    if mask.size == units and channels_last and len(shape) == 4:
        _, height, width, channels = shape
        mask = np.moveaxis(mask.reshape(channels, height, width), 0, -1)
    elif mask.size == units:
        mask = mask.reshape(shape[1:])
    return values * values.new_tensor(mask)


def _pandas() -> Any:
    try:
        import pandas
    except ImportError as error:
        raise ImportError("a frame needs pandas: pip install pandas") from error
    return pandas
