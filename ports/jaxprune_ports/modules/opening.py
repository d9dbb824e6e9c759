"""Networks of PyTorch by name."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from typing import Any

from .factories import open_factory
from .huggingface import open_huggingface
from .network import TorchNetwork
from .timm import open_timm
from .torchvision import open_torchvision

SOURCES = {
    "torchvision": "torchvision:NAME",
    "timm": "timm:NAME",
    "hf": "hf:FOLDER",
    "module": "module:PACKAGE.MODULE:FUNCTION",
}
DTYPES = ("float32", "float16", "bfloat16")


def open_network(
    name: str,
    weights: Any = None,
    *,
    seed: int | None = None,
    token: str | None = None,
    device: str | None = None,
    dtype: str | None = None,
    texts: bool | None = None,
) -> TorchNetwork:
    """Open a network of torchvision, timm, transformers or your own.

    Parameters
    ----------
    name : str
        ``"torchvision:resnet50"``, ``"timm:vit_small_patch16_224"``, ``"hf:FOLDER"`` of
        transformers, or ``"module:package.module:function"``, a function that returns a
        ``torch.nn.Module``. Nothing is downloaded.
    weights : path, optional
        A ``.pth``, ``.pt`` or ``.safetensors`` file: of torchvision and timm, and of a
        function in place of the weights that its module comes with.
    seed : int, optional
        Of random weights, for torchvision and timm without `weights`, and of what a
        function draws.
    token : {"cls", "mean", "last", "all"}, optional
        What is taken of outputs with tokens: see :func:`torch_activations`.
    device : str, optional
        By default "cuda" where PyTorch sees one, else "cpu".
    dtype : {"float32", "float16", "bfloat16"}, optional
        Of the weights; by default as they are.
    texts : bool, optional
        Whether the part of a model of texts and images that reads texts is meant.

    Returns
    -------
    TorchNetwork
        For :func:`extract`.

    Raises
    ------
    ValueError
        If there is no such network, an option does not go with it, or weights do not
        fit.
    FileNotFoundError
        If there is no such file or folder.
    ImportError
        If PyTorch, or the package that the network is of, is not installed.

    Examples
    --------
    >>> open_network("resnet50")
    Traceback (most recent call last):
        ...
    ValueError: network: 'resnet50' is not known; expected torchvision:NAME, ...
    """
    kind, _, rest = name.partition(":")
    if kind not in SOURCES or not rest:
        raise ValueError(
            f"network: {name!r} is not known; expected {', '.join(SOURCES.values())}"
        )
    if find_spec("torch") is None:
        extra = "hf" if kind == "hf" else "torch"
        raise ImportError(
            f"{kind}: these networks need PyTorch: pip install 'jaxprune[{extra}]'"
        )
    if kind == "hf":
        if weights is not None or seed is not None:
            given = "seed" if weights is None else "weights"
            raise ValueError(
                f"{given}: given with {name}, which has its own weights; leave it out"
            )
        net = open_huggingface(rest, texts)
    else:
        openers = {
            "torchvision": open_torchvision,
            "timm": open_timm,
            "module": open_factory,
        }
        net = openers[kind](rest, weights, seed)
    if dtype is not None:
        import torch

        if dtype not in DTYPES:
            raise ValueError(
                f"dtype={dtype!r} is not known; choose from {list(DTYPES)}."
            )
        net.module.to(getattr(torch, dtype))
    return replace(net, token=token, device=device)
