"""Networks of timm."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from math import floor
from typing import Any

from ..images.steps import Preprocessing
from .hooks import near
from .network import TorchNetwork
from .torchvision import import_torchvision
from .weights import built


def open_timm(name: str, weights: Any, seed: int | None) -> TorchNetwork:
    """Network of timm, with its weights in a file, or random ones.

    Preprocessing is that of timm's data configuration; of several published weights a
    tag says which, ``vit_small_patch16_224.dino``.

    Raises
    ------
    ImportError
        If timm is not installed.
    ValueError
        If there is no such network, or the weights do not fit.
    """
    import_torchvision()
    try:
        import timm
        from timm.data.config import resolve_model_data_config
    except ImportError as error:
        raise ImportError(
            f"timm: these networks need it: pip install 'jaxprune[timm]' ({error})"
        ) from error
    known = timm.list_models(include_tags="." in name)
    if name not in known:
        raise ValueError(
            f"network: timm has no {name!r}; expected one of {near(name, known)}"
        )

    def build(**classes: Any) -> Any:
        return timm.create_model(name, pretrained=False, **classes)

    module, source = built(f"timm:{name}", build, weights, seed)
    return TorchNetwork(
        module,
        f"timm:{name}",
        _preprocessing(name, resolve_model_data_config(module)),
        source=source,
        channels_last=getattr(module, "output_fmt", None) == "NHWC",
    )


def _preprocessing(name: str, about: Mapping[str, Any]) -> Preprocessing:
    """Preprocessing of a data configuration.

    >>> about = {"input_size": (3, 224, 224), "crop_pct": 0.9, "crop_mode": "center",
    ...          "interpolation": "bicubic", "mean": (0.5,) * 3, "std": (0.5,) * 3}
    >>> found = _preprocessing("vit", about)
    >>> found.size, found.crop, found.interpolation
    (248, 224, 'bicubic')
    """
    side = about["input_size"][-1]
    size, whole = floor(side / about["crop_pct"]), about["crop_pct"] == 1
    squashed = about["crop_mode"] == "squash" and whole
    if about["crop_mode"] != "center" and not squashed:
        warnings.warn(
            f"network: timm's preprocessing of {name} ({about['crop_mode']}, "
            f"{about['crop_pct']:g}) is not known here; the shorter side becomes "
            f"{size} pixels, and the centre is cut. Say otherwise with size and crop.",
            stacklevel=2,
        )
    return Preprocessing(
        size,
        None if squashed else side,
        mean=about["mean"],
        std=about["std"],
        interpolation=about["interpolation"],
    )
