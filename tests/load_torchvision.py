"""Torchvision, also next to a torch whose build does not match its own."""

import importlib.util

import pytest

_keep = []  # torch drops an operator library that nothing refers to


def load_torchvision():
    """Import torchvision; a test that needs it is skipped where it is absent."""
    torch = pytest.importorskip("torch", reason="needs torch")
    if importlib.util.find_spec("torchvision") is None:
        pytest.skip("needs torchvision")
    try:
        import torchvision.models
    except RuntimeError:  # "operator torchvision::nms does not exist"
        library = torch.library.Library("torchvision", "DEF")
        _keep.append(library)
        for op in ("nms", "qnms"):
            library.define(f"{op}(Tensor dets, Tensor scores, float t) -> Tensor")
        import torchvision.models
    return torchvision
