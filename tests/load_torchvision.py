"""Torchvision, or a test that is skipped."""

import pytest

from jaxprune_ports.modules.torchvision import import_torchvision


def load_torchvision():
    """Import torchvision; a test that needs it is skipped where it is absent."""
    pytest.importorskip("torch", reason="needs torch")
    if (torchvision := import_torchvision()) is None:
        pytest.skip("needs torchvision")
    return torchvision
