"""Torchvision, also next to a PyTorch whose build is not the one it was made with."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

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
