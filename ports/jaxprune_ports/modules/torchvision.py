"""Torchvision, also next to a PyTorch whose build is not the one it was made with."""

from __future__ import annotations

import warnings
from importlib.util import find_spec
from typing import Any

from ..images.steps import Preprocessing
from ..networks.network import Source
from .hooks import near
from .network import TorchNetwork
from .weights import built

# PyTorch drops a library of operators that nothing refers to.
_KEPT: list[Any] = []


def import_torchvision() -> Any:
    """Import torchvision, or None where it is absent.

    Beside a CPU-only PyTorch its compiled part may not load, and then the import fails
    for two operators that no network needs: they are declared, and it is tried again.
    Timm and transformers import torchvision, too.
    """
    if find_spec("torchvision") is None:
        return None
    import torch

    try:
        import torchvision.models
    except RuntimeError:  # "operator torchvision::nms does not exist"
        library = torch.library.Library("torchvision", "DEF")
        _KEPT.append(library)
        for op in ("nms", "qnms"):
            library.define(
                f"{op}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
            )
        import torchvision.models
    return torchvision


def open_torchvision(name: str, weights: Any, seed: int | None) -> TorchNetwork:
    """Classifier of torchvision, with its weights in a file, or random ones.

    Preprocessing is that of the published weights whose hash the file has, or else of
    those published first.

    Raises
    ------
    ImportError
        If torchvision is not installed.
    ValueError
        If there is no such network, or the weights do not fit.
    """
    if (torchvision := import_torchvision()) is None:
        raise ImportError(
            "torchvision: these networks need it: pip install 'jaxprune[torch]'"
        )
    models = torchvision.models
    if name not in (known := models.list_models(module=models)):
        raise ValueError(
            f"network: torchvision has no {name!r}; expected one of {near(name, known)}"
        )

    def build(**classes: Any) -> Any:
        with warnings.catch_warnings():
            # Inception's warning is about how long its initialisation takes.
            warnings.simplefilter("ignore", FutureWarning)
            return models.get_model(name, weights=None, **classes)

    module, source = built(f"torchvision:{name}", build, weights, seed)
    return TorchNetwork(
        module,
        f"torchvision:{name}",
        _preprocessing(models.get_model_weights(name), source),
        source=source,
        channels_last=name.startswith("swin"),
    )


def _preprocessing(published: Any, source: Source) -> Preprocessing:
    """Of the published weights that these are, by the hash in their name."""
    known = list(published)
    digits = {
        weights.url.rpartition("-")[2].partition(".")[0]: weights for weights in known
    }
    same = [w for d, w in digits.items() if d and (source.sha256 or "").startswith(d)]
    steps = (same or known)[0].transforms()
    return Preprocessing(
        steps.resize_size[0],
        steps.crop_size[0],
        mean=tuple(steps.mean),
        std=tuple(steps.std),
        interpolation=steps.interpolation.value,
    )
